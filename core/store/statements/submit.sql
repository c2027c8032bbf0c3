-- Puts a run into the queue.
--
-- $1 run id
-- $2 now, in microseconds since 1970
-- $3 source, $4 standard input, $5 arguments, a JSON array of strings
-- $6 wall time in ms, $7 CPU time in ms, $8 memory in MiB, $9 output in bytes, $10 scratch space in MiB
INSERT INTO runs (
  id, created_at, not_before,
  source, stdin, args,
  wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib
)
VALUES (
  $1, to_timestamp($2::bigint / 1e6), to_timestamp($2::bigint / 1e6),
  $3, $4, $5,
  $6, $7, $8, $9, $10
)

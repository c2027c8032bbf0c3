-- Puts a run into the queue. Returns when that was.
--
-- $1 run id
-- $2 source, $3 standard input, $4 arguments, a JSON array of strings
-- $5 wall time in ms, $6 CPU time in ms, $7 memory in MiB, $8 output in bytes, $9 scratch space in MiB
INSERT INTO runs (
  id, created_at, not_before,
  source, stdin, args,
  wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib
)
VALUES (
  $1, now(), now(),
  $2, $3, $4,
  $5, $6, $7, $8, $9
)
RETURNING (extract(epoch FROM created_at) * 1000000)::bigint AS created_us

-- Adds a piece to the input of an active run. Returns what is known of the run, with the number after the new piece as `taken`, or NULL if it was
-- not added, and whether the same piece had that number before.
--
-- $1 run id
-- $2 number of the piece, or NULL for the next one
-- $3 data, $4 whether it is the end of the input
-- $5 how many bytes all pieces may have, $6 how many pieces there may be
WITH
taken AS (
  UPDATE runs
  SET stdin_next  = stdin_next + 1,
      stdin_added = stdin_added + octet_length($3::bytea),
      stdin_ended = $4::boolean
  WHERE id = $1
    AND finished_at IS NULL
    AND stdin_open
    AND NOT stdin_ended
    AND stdin_next = coalesce($2::integer, stdin_next)
    AND stdin_added + octet_length($3::bytea) <= $5::bigint
    AND stdin_next < $6::integer
  RETURNING id, stdin_next
),
stored AS (
  INSERT INTO run_stdin (run_id, seq, data, is_end)
  SELECT id, stdin_next - 1, $3, $4
  FROM taken
)
SELECT runs.finished_at IS NOT NULL AS has_ended, runs.stdin_open, runs.stdin_ended, runs.stdin_next,
       (SELECT stdin_next FROM taken) AS taken,
       coalesce(earlier.data = $3::bytea AND earlier.is_end = $4::boolean, false) AS is_repeated
FROM runs
LEFT JOIN run_stdin AS earlier ON earlier.run_id = runs.id AND earlier.seq = $2::integer
WHERE runs.id = $1
  AND runs.deleted_at IS NULL

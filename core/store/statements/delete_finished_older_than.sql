-- Deletes old runs, the oldest first, and forgets the names of Jobs that were retired as long ago, and submitters that wait for nothing.
--
-- $1 how long ago they finished at least, in microseconds
-- $2 how many at most
WITH forgotten AS (
  DELETE FROM attempts
  WHERE run_id IS NULL
    AND claimed_at < now() - $1::bigint * interval '1 microsecond'
),
forgotten_submitters AS (
  DELETE FROM submitters
  USING queue_clock
  WHERE next_tag <= virtual_time
)
DELETE FROM runs
WHERE id IN (
  SELECT id
  FROM runs
  WHERE finished_at < now() - $1::bigint * interval '1 microsecond'
  ORDER BY finished_at
  LIMIT $2
)

-- Deletes old runs, the oldest first.
--
-- $1 those that finished before this moment, in microseconds since 1970
-- $2 how many at most
DELETE FROM runs
WHERE id IN (
  SELECT id
  FROM runs
  WHERE finished_at < to_timestamp($1::bigint / 1e6)
  ORDER BY finished_at
  LIMIT $2
)

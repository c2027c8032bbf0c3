-- Deletes finished runs, the oldest first, until the others occupy no more than is to be kept.
--
-- $1 bytes to keep
-- $2 how many runs at most
-- $3 about how many bytes at most, so that the statement ends in time
WITH
surplus AS (
  SELECT sum(bytes) - $1 AS bytes
  FROM stored_bytes
),
-- bytes_before: of those that are older.
oldest AS (
  SELECT id, sum(stored_bytes) OVER (ORDER BY finished_at, id) - stored_bytes AS bytes_before
  FROM (
    SELECT id, finished_at, stored_bytes
    FROM runs
    WHERE finished_at IS NOT NULL
    ORDER BY finished_at, id
    LIMIT $2
  ) AS first
)
DELETE FROM runs
USING oldest, surplus
WHERE runs.id = oldest.id
  AND oldest.bytes_before < least(surplus.bytes, $3::bigint)

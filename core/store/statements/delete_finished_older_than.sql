-- Deletes old runs that are not shared, the oldest first, and shares that have expired, and forgets the names of Jobs that were retired as long
-- ago, submitters that wait for nothing, and old keys.
--
-- $1 how long ago they finished at least, in microseconds
-- $2 how many at most
-- $3 about how many bytes at most, so that the statement ends in time
-- $4 for how long a key is known, in microseconds
WITH forgotten AS (
  DELETE FROM attempts
  WHERE run_id IS NULL
    AND claimed_at < now() - $1::bigint * interval '1 microsecond'
),
forgotten_submitters AS (
  DELETE FROM submitters
  USING queue_clock
  WHERE next_tag <= virtual_time
),
forgotten_keys AS (
  DELETE FROM idempotency_keys
  WHERE created_at < now() - $4::bigint * interval '1 microsecond'
),
expired_shares AS (
  DELETE FROM shares
  WHERE id IN (SELECT s.id FROM shares AS s WHERE s.expires_at <= now() ORDER BY s.expires_at LIMIT $2)
),
-- bytes_before: of those that are older.
oldest AS (
  SELECT id, sum(stored_bytes) OVER (ORDER BY finished_at, id) - stored_bytes AS bytes_before
  FROM (
    SELECT id, finished_at, stored_bytes
    FROM runs
    WHERE finished_at < now() - $1::bigint * interval '1 microsecond'
      AND shares = 0
    ORDER BY finished_at, id
    LIMIT $2
  ) AS first
)
DELETE FROM runs
USING oldest
WHERE runs.id = oldest.id
  AND runs.shares = 0  -- still
  AND oldest.bytes_before < $3::bigint

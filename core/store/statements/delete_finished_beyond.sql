-- Deletes finished runs that are not shared and keys of submissions, the oldest first, until the others occupy no more than is to be kept.
-- Returns how many.
--
-- $1 bytes to keep
-- $2 how many at most
-- $3 about how many bytes at most, so that the statement ends in time
WITH
surplus AS (
  SELECT sum(bytes) - $1 AS bytes
  FROM stored_bytes
),
-- bytes_before: of those that are older.
oldest AS (
  SELECT id, submitter, key,
         sum(bytes) OVER (ORDER BY since, id, submitter, key) - bytes AS bytes_before
  FROM (
    (
      SELECT finished_at AS since, id, NULL::text AS submitter, NULL::text AS key, stored_bytes AS bytes
      FROM runs
      WHERE finished_at IS NOT NULL
        AND shares = 0
      ORDER BY finished_at, id
      LIMIT $2
    )
    UNION ALL
    (
      SELECT created_at, NULL, submitter, key, key_bytes(submitter, key)
      FROM idempotency_keys
      ORDER BY created_at
      LIMIT $2
    )
  ) AS first
  ORDER BY since, id, submitter, key
  LIMIT $2
),
surplus_of_both AS (
  SELECT id, submitter, key
  FROM oldest, surplus
  WHERE bytes_before < least(surplus.bytes, $3::bigint)
),
deleted_keys AS (
  DELETE FROM idempotency_keys AS known
  USING surplus_of_both AS s
  WHERE known.submitter = s.submitter
    AND known.key = s.key
  RETURNING 1
),
deleted_runs AS (
  DELETE FROM runs
  USING surplus_of_both AS s
  WHERE runs.id = s.id
    AND runs.shares = 0  -- still
  RETURNING 1
)
SELECT (SELECT count(*) FROM deleted_keys) + (SELECT count(*) FROM deleted_runs)

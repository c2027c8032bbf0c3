-- The run that a submitter has used a key for.
--
-- $1 submitter, $2 key
-- $3 for how long a key is known, in microseconds
SELECT run_id, fingerprint, NULL::bigint AS created_us
FROM idempotency_keys
WHERE submitter = $1
  AND key = $2
  AND created_at >= now() - $3::bigint * interval '1 microsecond'

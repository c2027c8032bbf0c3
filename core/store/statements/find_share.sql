-- A share that has not expired.
--
-- $1 share id
SELECT run_id, token_hash,
       (extract(epoch FROM created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM expires_at) * 1000000)::bigint AS expires_us
FROM shares
WHERE id = $1
  AND expires_at > now()

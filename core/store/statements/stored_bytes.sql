-- How much finished runs occupy.
SELECT sum(bytes)::bigint
FROM stored_bytes

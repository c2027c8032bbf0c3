-- The status of a run.
--
-- $1 run id
SELECT status
FROM runs
WHERE id = $1
  AND deleted_at IS NULL

-- Active runs of this epoch that are to be cancelled.
--
-- $1 epoch
SELECT id
FROM runs
WHERE cancel_requested
  AND status IN ('starting', 'running')
  AND epoch = $1

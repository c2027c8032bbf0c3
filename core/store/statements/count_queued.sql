-- The length of the queue.
SELECT count(*)
FROM runs
WHERE status = 'queued'

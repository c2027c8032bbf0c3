-- Cancels a queued run at once, notes the wish for an active one, and leaves a finished one as it is.
-- Returns the status afterwards.
--
-- $1 run id
WITH
-- Locked, so that the status is the one that the UPDATE finds and not an older one of this statement's snapshot.
run AS (
  SELECT id, status
  FROM runs
  WHERE id = $1
    AND deleted_at IS NULL
  FOR UPDATE
),
queued AS (
  UPDATE runs
  SET cancel_requested = true,
      status           = 'cancelled',
      reason           = 'cancelled',
      message          = NULL,
      finished_at      = clock_timestamp(),
      stored_bytes     = runs.stdin_added + coalesce(pg_column_size(runs.file_content), 0) + coalesce(pg_column_size(runs.outputs), 0)
        + run_bytes(pg_column_size(runs.source), pg_column_size(runs.stdin), pg_column_size(runs.args), 0)
  FROM run
  WHERE runs.id = run.id
    AND run.status = 'queued'
),
active AS (
  UPDATE runs
  SET cancel_requested = true
  FROM run
  WHERE runs.id = run.id
    AND run.status IN ('starting', 'running')
)
SELECT CASE status WHEN 'queued' THEN 'cancelled' ELSE status END AS status
FROM run

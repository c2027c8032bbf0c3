-- Deletes a run, with its attempts and output, when it has finished. Returns the status it had.
--
-- $1 run id
WITH
run AS (
  SELECT id, status, finished_at
  FROM runs
  WHERE id = $1
  FOR UPDATE
),
deleted AS (
  DELETE FROM runs
  USING run
  WHERE runs.id = run.id
    AND run.finished_at IS NOT NULL
)
SELECT status
FROM run

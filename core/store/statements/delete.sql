-- Deletes a run, with its attempts and output, when it has finished. One that is shared stays for those who read its shares.
-- Returns the status it had.
--
-- $1 run id
WITH
run AS (
  SELECT id, status, finished_at, shares
  FROM runs
  WHERE id = $1
    AND deleted_at IS NULL
  FOR UPDATE
),
deleted AS (
  DELETE FROM runs
  USING run
  WHERE runs.id = run.id
    AND run.finished_at IS NOT NULL
    AND run.shares = 0
),
hidden AS (
  UPDATE runs
  SET deleted_at = now()
  FROM run
  WHERE runs.id = run.id
    AND run.finished_at IS NOT NULL
    AND run.shares > 0
)
SELECT status
FROM run

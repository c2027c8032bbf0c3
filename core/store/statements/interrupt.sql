-- Gives an attempt up: its run is queued again, or ends when it has no attempts left or is to be cancelled.
-- Returns the status afterwards, or no row when this epoch no longer holds the attempt.
--
-- $1 run id, $2 attempt, $3 epoch
-- $4 reason, $5 message
-- $6 how long the run waits in the queue, in microseconds
-- $7 attempts that a run may spend
-- $8 now, in microseconds since 1970
WITH
held AS (
  SELECT id, cancel_requested, spent_attempts + 1 AS spent
  FROM runs
  WHERE id = $1
    AND attempt = $2
    AND epoch = $3
    AND status IN ('starting', 'running')
  FOR UPDATE
),
verdict AS (
  SELECT id, spent,
         CASE WHEN cancel_requested THEN 'cancelled'
              WHEN spent >= $7      THEN 'error'
              ELSE                       'queued'
         END AS status
  FROM held
),
noted AS (
  UPDATE attempts
  SET interrupted_reason = $4
  FROM verdict
  WHERE attempts.run_id = verdict.id
    AND attempts.attempt = $2
),
queued AS (
  UPDATE runs
  SET status         = 'queued',
      spent_attempts = verdict.spent,
      not_before     = to_timestamp(($8::bigint + $6::bigint) / 1e6),
      claimed_at     = NULL,
      started_at     = NULL
  FROM verdict
  WHERE runs.id = verdict.id
    AND verdict.status = 'queued'
),
-- The next attempt starts its output over.
dropped AS (
  DELETE FROM output_records
  USING verdict
  WHERE output_records.run_id = verdict.id
    AND verdict.status = 'queued'
),
ended AS (
  UPDATE runs
  SET status            = verdict.status,
      spent_attempts    = verdict.spent,
      finished_at       = to_timestamp($8::bigint / 1e6),
      output_incomplete = runs.started_at IS NOT NULL,
      reason            = CASE verdict.status WHEN 'error' THEN $4 ELSE 'cancelled' END,
      message           = CASE verdict.status WHEN 'error' THEN $5 END
  FROM verdict
  WHERE runs.id = verdict.id
    AND verdict.status <> 'queued'
)
SELECT status
FROM verdict

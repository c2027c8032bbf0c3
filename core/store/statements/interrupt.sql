-- Gives an attempt up: its run is queued again, or ends when it has been tried enough or is to be cancelled.
-- Returns the status afterwards, also when the attempt was given up before, or no row when this epoch no longer holds it in that Job.
--
-- $1 run id, $2 attempt, $3 epoch
-- $4 reason, $5 message, $6 the node where it happened or ''
-- $7 whether the program may have begun
-- $8 how long the run waits in the queue, in microseconds
-- $9 attempts that a run may spend
-- $10 how long a run may be claimed without its program beginning, in microseconds
-- $11 name of the attempt's Job
WITH
-- Both rows are locked, so that a repetition that meets the first call finds what that has done.
run AS (
  SELECT r.id, r.status, r.cancel_requested, r.spent_attempts, r.series_began_at,
         a.interrupted_at IS NOT NULL AS is_repeated,
         r.attempt = $2 AND r.status IN ('starting', 'running') AND a.interrupted_at IS NULL AS is_held,
         $7::boolean OR r.started_at IS NOT NULL AS is_spent
  FROM runs AS r
  JOIN attempts AS a ON a.run_id = r.id AND a.attempt = $2 AND a.job_name = $11
  WHERE r.id = $1
    AND r.epoch = $3
  FOR UPDATE
),
verdict AS (
  SELECT id, is_spent, spent_attempts + is_spent::int AS spent,
         CASE
           WHEN cancel_requested                                                 THEN 'cancelled'
           WHEN is_spent AND spent_attempts + 1 >= $9                            THEN 'error'
           WHEN NOT is_spent
             AND series_began_at <= clock_timestamp() - $10::bigint * interval '1 microsecond' THEN 'error'
           ELSE                                                                       'queued'
         END AS status
  FROM run
  WHERE is_held
),
noted AS (
  UPDATE attempts
  SET interrupted_at      = clock_timestamp(),
      interrupted_reason  = $4,
      interrupted_message = $5,
      node                = coalesce(nullif($6, ''), attempts.node),
      may_have_begun      = verdict.is_spent
  FROM verdict
  WHERE attempts.run_id = verdict.id
    AND attempts.attempt = $2
),
queued AS (
  UPDATE runs
  SET status          = 'queued',
      message         = $5,
      spent_attempts  = verdict.spent,
      avoid_node      = CASE WHEN verdict.is_spent AND $6 <> '' THEN $6 ELSE runs.avoid_node END,
      series_began_at = CASE WHEN verdict.is_spent THEN NULL ELSE runs.series_began_at END,
      not_before      = clock_timestamp() + $8::bigint * interval '1 microsecond',
      claimed_at      = NULL,
      started_at      = NULL
  FROM verdict
  WHERE runs.id = verdict.id
    AND verdict.status = 'queued'
),
-- The next attempt starts its output over.
dropped AS (
  DELETE FROM output_chunks
  USING verdict
  WHERE output_chunks.run_id = verdict.id
    AND verdict.status = 'queued'
),
ended AS (
  UPDATE runs
  SET status            = verdict.status,
      spent_attempts    = verdict.spent,
      finished_at       = clock_timestamp(),
      stored_bytes      = runs.stdin_added + coalesce(pg_column_size(runs.file_content), 0) + coalesce(pg_column_size(runs.outputs), 0)
        + run_bytes(pg_column_size(runs.source), pg_column_size(runs.stdin), pg_column_size(runs.args),
        (SELECT sum(pg_column_size(o.records)) FROM output_chunks AS o WHERE o.run_id = runs.id)),
      output_incomplete = runs.started_at IS NOT NULL,
      reason            = CASE verdict.status WHEN 'error' THEN $4 ELSE 'cancelled' END,
      message           = CASE verdict.status WHEN 'error' THEN $5 END
  FROM verdict
  WHERE runs.id = verdict.id
    AND verdict.status <> 'queued'
)
SELECT coalesce(verdict.status, run.status) AS status
FROM run
LEFT JOIN verdict ON true
WHERE run.is_held
   OR run.is_repeated

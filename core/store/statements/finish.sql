-- Ends a run: its last output and its outcome at once, when that output begins with the first number that is not stored, or when all of it is
-- stored already by a call whose answer was lost.
-- Returns the number of the first record that is not stored, or no row when this epoch, attempt and Job are not the run's last.
-- A run that has ended already stays as it is.
--
-- $1 to $9 as in record_progress.sql: $1 run id, $2 attempt, $3 epoch, $4 pod, $5 when the program began,
-- $6, $7, $8 and $9 new output
-- $10 the outcome, a JSON object with the columns of runs from status to output_incomplete; a missing one is NULL
-- $11 name of the attempt's Job
-- $12 what is shown whole with the new output, a JSON array, or NULL
WITH
held AS (
  SELECT r.id, a.next_seq, $7::bigint > $6::bigint AND a.next_seq = $6::bigint AS has_output,
         r.finished_at IS NULL AND (a.next_seq IN ($6::bigint, $7::bigint) OR $7::bigint = $6::bigint) AS ends
  FROM runs AS r
  JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt
  WHERE r.id = $1
    AND r.attempt = $2
    AND r.epoch = $3
    AND a.job_name = $11
    AND r.status <> 'queued'
  FOR UPDATE
),
ended AS (
  UPDATE runs
  SET status               = outcome.status,
      reason               = outcome.reason,
      message              = outcome.message,
      exit_code            = outcome.exit_code,
      signal               = outcome.signal,
      stdout_bytes         = outcome.stdout_bytes,
      stdout_dropped_bytes = outcome.stdout_dropped_bytes,
      stderr_bytes         = outcome.stderr_bytes,
      stderr_dropped_bytes = outcome.stderr_dropped_bytes,
      wall_ms              = outcome.wall_ms,
      cpu_ms               = outcome.cpu_ms,
      peak_memory_bytes    = outcome.peak_memory_bytes,
      dropped_displays     = outcome.dropped_displays,
      dropped_output_files = outcome.dropped_output_files,
      output_incomplete    = outcome.output_incomplete,
      started_at           = coalesce(runs.started_at,
        greatest(runs.claimed_at, clock_timestamp() - $5::bigint * interval '1 microsecond')),
      finished_at          = clock_timestamp(),
      stored_bytes         = runs.stdin_added + coalesce(pg_column_size(runs.file_content), 0) + coalesce(pg_column_size(runs.outputs), 0)
        + run_bytes(pg_column_size(runs.source), pg_column_size(runs.stdin), pg_column_size(runs.args),
        (SELECT sum(pg_column_size(o.records)) FROM output_chunks AS o WHERE o.run_id = runs.id))
        + CASE WHEN held.has_output THEN octet_length($9) ELSE 0 END  -- which this statement stores, and does not see
  FROM held
  CROSS JOIN jsonb_populate_record(NULL::runs, $10) AS outcome
  WHERE runs.id = held.id
    AND held.ends
),
attempt AS (
  UPDATE attempts
  SET pod      = coalesce(known.pod, attempts.pod),
      pod_uid  = coalesce(known.pod_uid, attempts.pod_uid),
      node     = coalesce(known.node, attempts.node),
      image    = coalesce(known.image, attempts.image),
      snapshot = coalesce(known.snapshot, attempts.snapshot),
      sandbox  = coalesce(known.sandbox, attempts.sandbox),
      next_seq = CASE WHEN held.has_output THEN $7::bigint ELSE attempts.next_seq END,
      displays = CASE WHEN held.has_output THEN coalesce(attempts.displays || $12::jsonb, $12::jsonb, attempts.displays) ELSE attempts.displays END
  FROM held
  CROSS JOIN json_to_record($4) AS known (pod text, pod_uid text, node text, image text, snapshot text, sandbox jsonb)
  WHERE attempts.run_id = held.id
    AND attempts.attempt = $2
    AND held.ends
    AND (held.has_output OR known.pod <> attempts.pod OR known.pod_uid <> attempts.pod_uid
      OR known.node <> attempts.node OR known.image <> attempts.image OR known.snapshot <> attempts.snapshot
      OR known.sandbox IS DISTINCT FROM attempts.sandbox AND known.sandbox IS NOT NULL)
),
output AS (
  INSERT INTO output_chunks (run_id, attempt, seq, next_seq, bytes, records)
  SELECT id, $2, $6, $7, $8, $9
  FROM held
  WHERE ends
    AND has_output
)
SELECT CASE WHEN ends AND has_output THEN $7::bigint ELSE next_seq END AS next_seq
FROM held

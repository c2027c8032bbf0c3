-- Ends a run: its last output and its outcome at once. Returns the run, or no row when this epoch no longer holds the attempt.
--
-- $1 to $6 as in record_progress.sql: $1 run id, $2 attempt, $3 epoch, $4 pod, $5 when the program began, $6 new output
-- $7 the outcome, a JSON object with the columns of runs from status to output_incomplete; a missing one is NULL
-- $8 now, in microseconds since 1970
WITH
held AS (
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
      output_incomplete    = outcome.output_incomplete,
      started_at           = coalesce(runs.started_at, to_timestamp($5::bigint / 1e6)),
      finished_at          = to_timestamp($8::bigint / 1e6)
  FROM jsonb_populate_record(NULL::runs, $7) AS outcome
  WHERE runs.id = $1
    AND runs.attempt = $2
    AND runs.epoch = $3
    AND runs.status IN ('starting', 'running')
  RETURNING runs.id
),
pod AS (
  UPDATE attempts
  SET pod     = known.pod,
      pod_uid = known.pod_uid,
      node    = known.node,
      image   = known.image
  FROM held
  JOIN attempts AS old ON old.run_id = held.id AND old.attempt = $2
  CROSS JOIN jsonb_populate_record(old, $4) AS known
  WHERE attempts.run_id = old.run_id
    AND attempts.attempt = old.attempt
    AND known IS DISTINCT FROM old
),
output AS (
  INSERT INTO output_records (run_id, attempt, seq, stream, ms, data, dropped_bytes, mime, part, parts)
  SELECT held.id, $2, seq, stream, ms, decode(data, 'base64'), dropped_bytes, mime, part, parts
  FROM held
  CROSS JOIN json_to_recordset($6)
    AS record (seq bigint, stream smallint, ms bigint, data text, dropped_bytes bigint, mime text, part int, parts int)
  ON CONFLICT DO NOTHING
)
SELECT id
FROM held

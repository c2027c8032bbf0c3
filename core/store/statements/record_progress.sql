-- Stores what became known of an attempt. Returns its run, or no row when this epoch no longer holds the attempt.
--
-- $1 run id, $2 attempt, $3 epoch
-- $4 what is known of the Job's pod, a JSON object with the columns pod, pod_uid, node, image or some of them
-- $5 when the program began, in microseconds since 1970; NULL when it has not
-- $6 new output, a JSON array of objects with the columns of output_records from seq to parts; data is base64
WITH
held AS (
  SELECT id, started_at
  FROM runs
  WHERE id = $1
    AND attempt = $2
    AND epoch = $3
    AND status IN ('starting', 'running')
  FOR UPDATE
),
-- Only once: writing the run's row again for every piece of output would bloat the table.
begun AS (
  UPDATE runs
  SET status     = 'running',
      started_at = to_timestamp($5::bigint / 1e6)
  FROM held
  WHERE runs.id = held.id
    AND held.started_at IS NULL
    AND $5::bigint IS NOT NULL
),
-- jsonb_populate_record returns the attempt's row with the columns replaced that $4 has. The row is written when that differs.
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
-- Records that are there already stay as they are, so that the call can be repeated.
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

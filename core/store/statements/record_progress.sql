-- Stores what became known of an attempt. Returns the number of the first record that is not stored, or no row when this epoch no longer
-- holds the attempt in that Job. New output is stored when it begins with that number.
--
-- $1 run id, $2 attempt, $3 epoch
-- $4 what is known of the Job's pod, a JSON object with the columns pod, pod_uid, node, image, snapshot, sandbox or some of them
-- $5 how long ago the program began, in microseconds; NULL when it has not
-- $6 number of the first new record, $7 number after the last (the same: there are none), $8 their bytes, $9 a chunk's records
-- $10 why the program has not begun, or ''; not looked at when $5 is set
-- $11 name of the attempt's Job
-- $12 what is shown whole with the new output, a JSON array, or NULL
WITH
-- Both rows are locked, so that a repetition that meets the first call finds what that has stored.
held AS (
  SELECT r.id, r.started_at, coalesce(r.message, '') AS message, a.next_seq, a.next_seq = $6::bigint AND $7::bigint > $6::bigint AS fits
  FROM runs AS r
  JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt
  WHERE r.id = $1
    AND r.attempt = $2
    AND r.epoch = $3
    AND a.job_name = $11
    AND r.status IN ('starting', 'running')
  FOR UPDATE
),
-- Only once: writing the run's row again for every piece of output would bloat the table.
begun AS (
  UPDATE runs
  SET status     = 'running',
      started_at = greatest(runs.claimed_at, clock_timestamp() - $5::bigint * interval '1 microsecond'),
      message    = NULL
  FROM held
  WHERE runs.id = held.id
    AND held.started_at IS NULL
    AND $5::bigint IS NOT NULL
),
waiting AS (
  UPDATE runs
  SET message = nullif($10, '')
  FROM held
  WHERE runs.id = held.id
    AND held.started_at IS NULL
    AND $5::bigint IS NULL
    AND held.message <> $10
),
attempt AS (
  UPDATE attempts
  SET pod      = coalesce(known.pod, attempts.pod),
      pod_uid  = coalesce(known.pod_uid, attempts.pod_uid),
      node     = coalesce(known.node, attempts.node),
      image    = coalesce(known.image, attempts.image),
      snapshot = coalesce(known.snapshot, attempts.snapshot),
      sandbox  = coalesce(known.sandbox, attempts.sandbox),
      next_seq = CASE WHEN held.fits THEN $7::bigint ELSE attempts.next_seq END,
      displays = CASE WHEN held.fits THEN coalesce(attempts.displays || $12::jsonb, $12::jsonb, attempts.displays) ELSE attempts.displays END
  FROM held
  CROSS JOIN json_to_record($4) AS known (pod text, pod_uid text, node text, image text, snapshot text, sandbox jsonb)
  WHERE attempts.run_id = held.id
    AND attempts.attempt = $2
    AND (held.fits OR known.pod <> attempts.pod OR known.pod_uid <> attempts.pod_uid
      OR known.node <> attempts.node OR known.image <> attempts.image OR known.snapshot <> attempts.snapshot
      OR known.sandbox IS DISTINCT FROM attempts.sandbox AND known.sandbox IS NOT NULL)
),
output AS (
  INSERT INTO output_chunks (run_id, attempt, seq, next_seq, bytes, records)
  SELECT id, $2, $6, $7, $8, $9
  FROM held
  WHERE fits
)
SELECT CASE WHEN fits THEN $7::bigint ELSE next_seq END AS next_seq
FROM held

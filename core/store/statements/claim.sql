-- Ties the oldest due runs to Jobs: runs that fit the pool to its waiting Jobs, others to Jobs of their own.
-- A run that avoids a node gets a Job of its own, because a waiting Job is on its node already.
-- Returns the claimed runs, oldest first; none when $1 is no longer the current epoch.
--
-- $1 epoch
-- $2 names of waiting Jobs, a JSON array
-- $3 memory of a waiting Job in MiB
-- $4 how many runs may get a Job of their own
WITH
waiting AS (
  SELECT name, place
  FROM json_array_elements_text($2) WITH ORDINALITY AS job (name, place)
),
-- The queue is read twice, so that large runs at its head do not keep smaller ones behind them from the waiting Jobs.
-- SKIP LOCKED: a claim at the same moment takes other runs instead of waiting for these.
fitting AS (
  SELECT id
  FROM runs
  WHERE status = 'queued'
    AND not_before <= now()
    AND memory_mib <= $3
    AND scratch_mib = 0
    AND avoid_node = ''
  ORDER BY id
  LIMIT json_array_length($2)
  FOR UPDATE SKIP LOCKED
),
warm AS (
  SELECT numbered.id, waiting.name
  FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM fitting) AS numbered
  JOIN waiting USING (place)
),
cold AS (
  SELECT id
  FROM runs
  WHERE status = 'queued'
    AND not_before <= now()
    AND id NOT IN (SELECT id FROM warm)
  ORDER BY id
  LIMIT $4
  FOR UPDATE SKIP LOCKED
),
picked AS (
  SELECT id, name FROM warm
  UNION ALL
  SELECT id, NULL FROM cold
),
claimed AS (
  UPDATE runs
  SET status          = 'starting',
      attempt         = runs.attempt + 1,
      epoch           = $1,
      claimed_at      = now(),
      series_began_at = coalesce(runs.series_began_at, now()),
      started_at      = NULL
  FROM picked
  WHERE runs.id = picked.id
    AND EXISTS (SELECT FROM leadership WHERE epoch = $1)
  RETURNING runs.*, coalesce(picked.name, 'run-' || runs.id || '-' || runs.attempt) AS job_name
),
new_attempt AS (
  INSERT INTO attempts (run_id, attempt, job_name, claimed_at)
  SELECT id, attempt, job_name, claimed_at
  FROM claimed
)
SELECT id, status, attempt, cancel_requested, avoid_node,
       (extract(epoch FROM created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM claimed_at) * 1000000)::bigint AS claimed_us,
       NULL AS started_us,
       source, stdin, args,
       wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib,
       message, '[]' AS interruptions,
       job_name, '' AS pod, '' AS pod_uid, '' AS node, '' AS image, 0 AS next_seq
FROM claimed
ORDER BY id

-- Ties runs that are due to Jobs, in the order of their tags: those that fit the pool to its waiting Jobs, others to Jobs of their own.
-- A run that avoids a node gets a Job of its own, because a waiting Job is on its node already.
-- Returns the claimed runs in that order, each with whether runs were left that are due; none when $1 is no longer the current epoch.
--
-- $1 epoch
-- $2 names of waiting Jobs, a JSON array
-- $3 memory of a waiting Job in MiB
-- $4 how many runs may get a Job of their own
-- $5 how many runs of one submitter may be active
WITH
waiting AS (
  SELECT name, place
  FROM json_array_elements_text($2) WITH ORDINALITY AS job (name, place)
),
busy AS (
  SELECT submitter, count(*) AS active
  FROM runs
  WHERE status IN ('starting', 'running')
  GROUP BY submitter
),
sated AS (
  SELECT submitter
  FROM busy
  WHERE active >= $5
),
-- The queue is read twice, so that large runs at its head do not keep smaller ones behind them from the waiting Jobs.
-- SKIP LOCKED: a claim at the same moment takes other runs instead of waiting for these.
fitting AS (
  SELECT id, submitter, tag
  FROM runs
  WHERE status = 'queued'
    AND not_before <= now()
    AND memory_mib <= $3
    AND scratch_mib = 0
    AND avoid_node = ''
    AND submitter NOT IN (SELECT submitter FROM sated)
  ORDER BY tag, id
  LIMIT json_array_length($2)
  FOR UPDATE SKIP LOCKED
),
-- nth: of its submitter's active runs, should it become one.
fitting_nth AS (
  SELECT fitting.*, coalesce(busy.active, 0) + row_number() OVER (PARTITION BY fitting.submitter ORDER BY tag, id) AS nth
  FROM fitting
  LEFT JOIN busy ON busy.submitter = fitting.submitter
),
warm AS (
  SELECT numbered.id, numbered.submitter, waiting.name
  FROM (SELECT id, submitter, row_number() OVER (ORDER BY tag, id) AS place FROM fitting_nth WHERE nth <= $5) AS numbered
  JOIN waiting USING (place)
),
others AS (
  SELECT id, submitter, tag
  FROM runs
  WHERE status = 'queued'
    AND not_before <= now()
    AND submitter NOT IN (SELECT submitter FROM sated)
    AND id NOT IN (SELECT id FROM warm)
  ORDER BY tag, id
  LIMIT $4
  FOR UPDATE SKIP LOCKED
),
others_nth AS (
  SELECT others.*,
         coalesce(busy.active, 0) + (SELECT count(*) FROM warm WHERE warm.submitter = others.submitter)
           + row_number() OVER (PARTITION BY others.submitter ORDER BY tag, id) AS nth
  FROM others
  LEFT JOIN busy ON busy.submitter = others.submitter
),
picked AS (
  SELECT id, name FROM warm
  UNION ALL
  SELECT id, NULL FROM others_nth WHERE nth <= $5
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
),
served AS (
  INSERT INTO submitters AS s (name, next_tag)
  SELECT submitter, max(tag + wall_ms_limit)
  FROM claimed
  GROUP BY submitter
  ORDER BY submitter  -- in one order, so that two claims never wait for each other
  ON CONFLICT (name) DO UPDATE
  SET next_tag = greatest(s.next_tag, excluded.next_tag)
),
-- The time since the last claim counts only if it left runs waiting: otherwise it shows how few came. They may all have been cancelled since,
-- hence the bound, which is also the time in which the pace fades.
pace AS (
  SELECT CASE WHEN is_backlogged THEN least(60, extract(epoch FROM clock_timestamp() - claimed_at)) ELSE 0 END::double precision AS seconds
  FROM queue_clock
),
remains AS (
  SELECT EXISTS (
    SELECT FROM runs WHERE status = 'queued' AND not_before <= now() AND id NOT IN (SELECT id FROM picked)
  ) AS has_more
),
clock AS (
  UPDATE queue_clock
  SET virtual_time   = greatest(virtual_time, (SELECT max(tag) FROM claimed)),
      claimed_at     = clock_timestamp(),
      is_backlogged  = remains.has_more,
      recent_claims  = CASE WHEN is_backlogged THEN recent_claims * exp(-pace.seconds / 60) + (SELECT count(*) FROM claimed) ELSE recent_claims END,
      recent_seconds = CASE WHEN is_backlogged THEN recent_seconds * exp(-pace.seconds / 60) + pace.seconds ELSE recent_seconds END
  FROM pace
  CROSS JOIN remains
  WHERE EXISTS (SELECT FROM claimed)
)
SELECT id, status, attempt, cancel_requested, avoid_node,
       (extract(epoch FROM created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM claimed_at) * 1000000)::bigint AS claimed_us,
       NULL AS started_us,
       source, stdin, args, files, outputs, stdin_open, stdin_ended,
       wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib, display_scale,
       message, '[]' AS interruptions,
       job_name, '' AS pod, '' AS pod_uid, '' AS node, '' AS image, '' AS snapshot, NULL AS sandbox, NULL AS displays, 0 AS next_seq,
       has_more
FROM claimed
CROSS JOIN remains
ORDER BY tag, id

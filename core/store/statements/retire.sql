-- Permission to destroy Jobs: those of the named ones that no active run's current attempt holds. A name that was never tied to a run is
-- retired: its row keeps every later claim from taking it, and one that is under way, because both write the same unique key.
-- Returns NULL when there is none, and no row when $1 is no longer the current epoch.
--
-- $1 epoch
-- $2 names of Jobs, a JSON array
WITH
current AS (
  SELECT epoch
  FROM leadership
  WHERE epoch = $1
),
named AS (
  SELECT DISTINCT name
  FROM current
  CROSS JOIN json_array_elements_text($2) AS job (name)
),
retired AS (
  INSERT INTO attempts (job_name, claimed_at)
  SELECT name, clock_timestamp()
  FROM named
  ON CONFLICT DO NOTHING
  RETURNING job_name
),
-- A Job that a claim has tied since this statement began is in neither list.
idle AS (
  SELECT a.job_name
  FROM named
  JOIN attempts AS a ON a.job_name = named.name
  LEFT JOIN runs AS r ON r.id = a.run_id AND r.attempt = a.attempt AND r.status IN ('starting', 'running')
  WHERE r.id IS NULL
)
SELECT job.job_name
FROM current
LEFT JOIN (SELECT job_name FROM retired UNION ALL SELECT job_name FROM idle) AS job ON true

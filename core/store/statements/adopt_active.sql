-- Takes over every active run that an older epoch holds. Returns them, and those of this epoch that the caller does not know, oldest first;
-- a row of NULL when there is none, and no row when $1 is no longer the current epoch.
--
-- $1 epoch
-- $2 ids of runs that the caller knows, a JSON array
WITH
current AS (
  SELECT epoch
  FROM leadership
  WHERE epoch = $1
),
adopted AS (
  UPDATE runs
  SET epoch = $1
  WHERE status IN ('starting', 'running')
    AND (epoch < $1 OR (epoch = $1 AND id NOT IN (SELECT json_array_elements_text($2))))
    AND EXISTS (SELECT FROM current)
  RETURNING *
)
SELECT r.id, r.status, r.attempt, r.cancel_requested, r.avoid_node,
       (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM r.claimed_at) * 1000000)::bigint AS claimed_us,
       (extract(epoch FROM r.started_at) * 1000000)::bigint AS started_us,
       r.source, r.stdin, r.args, r.files, r.outputs, r.stdin_open, r.stdin_ended,
       r.wall_ms_limit, r.cpu_ms_limit, r.memory_mib, r.output_bytes_limit, r.scratch_mib, r.display_scale,
       r.message, '[]' AS interruptions,
       a.job_name, a.pod, a.pod_uid, a.node, a.image, a.snapshot, a.sandbox, NULL AS displays, a.next_seq
FROM current
LEFT JOIN (adopted AS r JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt) ON true
ORDER BY r.id

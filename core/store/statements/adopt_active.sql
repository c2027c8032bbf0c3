-- Takes over every active run that an older epoch holds. Returns them, oldest first.
--
-- $1 epoch
WITH adopted AS (
  UPDATE runs
  SET epoch = $1
  WHERE status IN ('starting', 'running')
    AND epoch < $1
    AND EXISTS (SELECT FROM leadership WHERE epoch = $1)
  RETURNING *
)
SELECT r.id, r.status, r.attempt, r.cancel_requested,
       (extract(epoch FROM r.created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM r.claimed_at) * 1000000)::bigint AS claimed_us,
       (extract(epoch FROM r.started_at) * 1000000)::bigint AS started_us,
       r.source, r.stdin, r.args,
       r.wall_ms_limit, r.cpu_ms_limit, r.memory_mib, r.output_bytes_limit, r.scratch_mib,
       a.job_name, a.pod, a.pod_uid, a.node, a.image
FROM adopted AS r
JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt
ORDER BY r.id

-- Runs, newest first, without source, standard input, arguments, files, patterns of outputs, output and displays.
--
-- $1 only runs before this id; NULL: from the newest
-- $2 only runs of this status; NULL: all
-- $3 how many at most
SELECT r.id, r.status, r.attempt, r.cancel_requested, r.avoid_node,
       (extract(epoch FROM r.created_at) * 1000000)::bigint  AS created_us,
       (extract(epoch FROM r.claimed_at) * 1000000)::bigint  AS claimed_us,
       (extract(epoch FROM r.started_at) * 1000000)::bigint  AS started_us,
       (extract(epoch FROM r.finished_at) * 1000000)::bigint AS finished_us,
       '' AS source, '' AS stdin, '[]' AS args, NULL AS files, NULL AS outputs, r.stdin_open, r.stdin_ended,
       r.wall_ms_limit, r.cpu_ms_limit, r.memory_mib, r.output_bytes_limit, r.scratch_mib, r.display_scale,
       r.reason, r.message, r.exit_code, r.signal,
       r.stdout_bytes, r.stdout_dropped_bytes, r.stderr_bytes, r.stderr_dropped_bytes,
       r.wall_ms, r.cpu_ms, r.peak_memory_bytes, r.dropped_displays, r.dropped_output_files, r.output_incomplete,
       CASE
         WHEN r.spent_attempts > 0 THEN (
           SELECT json_agg(json_build_object(
             'attempt', i.attempt, 'reason', i.interrupted_reason, 'message', coalesce(i.interrupted_message, ''),
             'node', i.node, 'at_us', (extract(epoch FROM i.interrupted_at) * 1000000)::bigint
           ) ORDER BY i.attempt)
           FROM attempts AS i
           WHERE i.run_id = r.id AND i.may_have_begun
         )
       END AS interruptions,
       a.job_name, a.pod, a.pod_uid, a.node, a.image, a.snapshot, a.sandbox, NULL AS displays
FROM runs AS r
LEFT JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt
WHERE r.id < coalesce($1::text, '~') COLLATE "C"  -- '~' sorts after every id
  AND r.deleted_at IS NULL
  AND ($2::text IS NULL OR r.status = $2)
ORDER BY r.id DESC
LIMIT $3

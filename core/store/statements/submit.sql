-- Puts a run into the queue, unless its submitter has used its key lately. Returns the run of the key and the fingerprint of its
-- submission, and when the run was accepted, if that was now.
-- Its tag is the queue's virtual time, or what its submitter's former runs reserve, whichever is later. Each run reserves its wall time limit.
-- Nothing is locked: submissions of one submitter that are under way at the same moment do not see one another, so the caller counts them.
-- Of two with the same key, one waits until the other is committed.
--
-- $1 run id
-- $2 source, $3 standard input, $4 arguments, a JSON array of strings
-- $5 options, a JSON object with the columns wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib, display_scale,
-- stdin_open and outputs; a missing one is NULL
-- $6 submitter, $7 how many earlier submissions of it are under way
-- $8 key, NULL for none, $9 fingerprint, $10 for how long a key is known, in microseconds
-- $11 files, a JSON array of {"path", "bytes"}, NULL for none, $12 the content of all of them
WITH
keyed AS (
  INSERT INTO idempotency_keys AS known (submitter, key, fingerprint, run_id, created_at)
  SELECT $6, $8, $9, $1, now()
  WHERE $8::text IS NOT NULL
  -- An update that changes nothing returns the row that is in the way, also one that was committed after this statement began.
  ON CONFLICT (submitter, key) DO UPDATE
  SET fingerprint = CASE WHEN known.created_at < excluded.created_at - $10::bigint * interval '1 microsecond' THEN excluded.fingerprint ELSE known.fingerprint END,
      run_id      = CASE WHEN known.created_at < excluded.created_at - $10::bigint * interval '1 microsecond' THEN excluded.run_id ELSE known.run_id END,
      created_at  = CASE WHEN known.created_at < excluded.created_at - $10::bigint * interval '1 microsecond' THEN excluded.created_at ELSE known.created_at END
  RETURNING known.run_id, known.fingerprint
),
submitted AS (
  INSERT INTO runs (
    id, created_at, not_before,
    source, stdin, args, files, file_content,
    wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib, display_scale, stdin_open, outputs,
    submitter, tag
  )
  SELECT $1, now(), now(),
         $2, $3, $4, $11, CASE WHEN $11::jsonb IS NOT NULL THEN $12::bytea END,
         options.wall_ms_limit, options.cpu_ms_limit, options.memory_mib, options.output_bytes_limit, options.scratch_mib, options.display_scale, options.stdin_open, options.outputs,
         $6,
         greatest(
           clock.virtual_time,
           (SELECT s.next_tag FROM submitters AS s WHERE s.name = $6),
           (
             SELECT q.tag + q.wall_ms_limit
             FROM runs AS q
             WHERE q.status = 'queued' AND q.submitter = $6
             ORDER BY q.tag DESC
             LIMIT 1
           )
         ) + $7::bigint * options.wall_ms_limit
  FROM queue_clock AS clock
  CROSS JOIN json_to_record($5) AS options (
    wall_ms_limit bigint, cpu_ms_limit bigint, memory_mib bigint, output_bytes_limit bigint, scratch_mib bigint,
    display_scale double precision, stdin_open boolean, outputs jsonb
  )
  WHERE $8::text IS NULL
     OR EXISTS (SELECT FROM keyed WHERE keyed.run_id = $1)
  RETURNING created_at
)
SELECT coalesce(keyed.run_id, $1) AS run_id, keyed.fingerprint,
       (extract(epoch FROM submitted.created_at) * 1000000)::bigint AS created_us
FROM (SELECT) AS one
LEFT JOIN keyed ON true
LEFT JOIN submitted ON true

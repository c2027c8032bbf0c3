-- Puts a run into the queue. Returns when that was.
-- Its tag is the queue's virtual time, or what its submitter's former runs reserve, whichever is later. Each run reserves its wall time limit.
-- Nothing is locked: submissions of one submitter that are under way at the same moment do not see one another, so the caller counts them.
--
-- $1 run id
-- $2 source, $3 standard input, $4 arguments, a JSON array of strings
-- $5 limits, a JSON object with the columns wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit and scratch_mib
-- $6 submitter, $7 how many earlier submissions of it are under way
INSERT INTO runs (
  id, created_at, not_before,
  source, stdin, args,
  wall_ms_limit, cpu_ms_limit, memory_mib, output_bytes_limit, scratch_mib,
  submitter, tag
)
SELECT $1, now(), now(),
       $2, $3, $4,
       limits.wall_ms_limit, limits.cpu_ms_limit, limits.memory_mib, limits.output_bytes_limit, limits.scratch_mib,
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
       ) + $7::bigint * limits.wall_ms_limit
FROM queue_clock AS clock
CROSS JOIN json_to_record($5) AS limits (
  wall_ms_limit bigint, cpu_ms_limit bigint, memory_mib bigint, output_bytes_limit bigint, scratch_mib bigint
)
RETURNING (extract(epoch FROM created_at) * 1000000)::bigint AS created_us

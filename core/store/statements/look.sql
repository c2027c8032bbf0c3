-- What a reader of a run has not seen yet: its state, its place in the queue, its new output.
-- Returns a row for each chunk, with the state repeated; at least one row, unless there is no such run.
-- The rows are in no promised order: ORDER BY would sort a large output on disk, although the index yields it in order.
--
-- $1 run id
-- $2 attempt and $3 number of the first record that the reader does not have
-- $4 how many bytes of output to return: the last chunk may exceed them; 0 returns none
-- $5 how many runs to count that come before this one in the queue
SELECT r.status, r.attempt, r.message, r.spent_attempts,
       coalesce(a.next_seq, 0) AS next_seq,
       CASE
         WHEN r.status = 'queued' THEN (
           SELECT count(*) + 1
           FROM (SELECT FROM runs AS q WHERE q.status = 'queued' AND (q.tag, q.id) < (r.tag, r.id) LIMIT $5) AS ahead
         )
         ELSE 0
       END AS queue_position,
       -- While claims come more slowly than they did, the time since the last one counts too.
       CASE
         WHEN r.status = 'queued' THEN (
           SELECT (clock.recent_seconds
             + CASE WHEN clock.is_backlogged THEN extract(epoch FROM clock_timestamp() - greatest(clock.claimed_at, r.created_at)) ELSE 0 END
           ) / clock.recent_claims * 1000000
           FROM queue_clock AS clock
           WHERE clock.recent_claims > 0
         )
       END::bigint AS us_per_claim,
       chunk.seq, chunk.records
FROM runs AS r
LEFT JOIN attempts AS a ON a.run_id = r.id AND a.attempt = r.attempt
LEFT JOIN LATERAL (SELECT CASE WHEN r.attempt = $2 THEN $3::bigint ELSE 0 END AS seq) AS wanted ON true
LEFT JOIN LATERAL (
  -- bytes_before: of the chunks before this one.
  SELECT near.*, sum(near.bytes) OVER (ORDER BY near.seq) - near.bytes AS bytes_before
  FROM (
    SELECT o.seq, o.bytes, o.records
    FROM output_chunks AS o
    WHERE o.run_id = r.id
      AND o.attempt = r.attempt
      AND o.seq >= (
        SELECT coalesce(max(c.seq), 0)
        FROM output_chunks AS c
        WHERE c.run_id = r.id AND c.attempt = r.attempt AND c.seq <= wanted.seq
      )
      AND o.next_seq > wanted.seq
      AND $4::bigint > 0
    ORDER BY o.seq
    LIMIT 256  -- chunks are looked at; a look should not cost more than it returns
  ) AS near
) AS chunk ON chunk.bytes_before < $4::bigint
WHERE r.id = $1

-- What a reader of a run has not seen yet: its state, its place in the queue, its new output.
-- Returns a row for each record, with the state repeated; at least one row, unless there is no such run.
-- The rows are in no promised order: ORDER BY would sort a large output on disk, although the index yields it in order.
--
-- $1 run id
-- $2 attempt and $3 seq of the last record that the reader has
-- $4 how many bytes of output to return: the last record may exceed them; 0 returns none
SELECT r.status,
       r.attempt,
       -- Counting ends at 10,000: nobody needs to know more, and in a long queue every look would be slow.
       CASE
         WHEN r.status = 'queued' THEN (
           SELECT count(*) + 1
           FROM (SELECT FROM runs AS q WHERE q.status = 'queued' AND q.id < r.id LIMIT 10000) AS ahead
         )
         ELSE 0
       END AS queue_position,
       record.seq, record.stream, record.ms, record.data, record.dropped_bytes, record.mime, record.part, record.parts
FROM runs AS r
LEFT JOIN LATERAL (
  -- bytes_before: of the records since $3, without this one.
  SELECT o.*, sum(length(o.data)) OVER (ORDER BY o.seq) - length(o.data) AS bytes_before
  FROM output_records AS o
  WHERE o.run_id = r.id
    AND o.attempt = r.attempt
    AND o.seq > CASE WHEN r.attempt = $2 THEN $3::bigint ELSE -1 END
    AND $4::bigint > 0
) AS record ON record.bytes_before < $4::bigint
WHERE r.id = $1

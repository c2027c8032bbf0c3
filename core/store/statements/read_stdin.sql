-- Pieces of the input of a run, in their order.
--
-- $1 run id
-- $2 number of the first one
SELECT seq, data, is_end
FROM run_stdin
WHERE run_id = $1
  AND seq >= $2::integer
ORDER BY seq

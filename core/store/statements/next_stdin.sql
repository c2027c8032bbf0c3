-- How many pieces of input these runs have got.
--
-- $1 run ids, a JSON array
SELECT id, stdin_next
FROM runs
WHERE id IN (SELECT json_array_elements_text($1))

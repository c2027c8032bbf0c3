-- The files of a run, with their content.
--
-- $1 run id
SELECT files, file_content
FROM runs
WHERE id = $1

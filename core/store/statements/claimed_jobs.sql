-- Those of the named Jobs that belong, or once belonged, to a run, or were retired.
--
-- $1 names of Jobs, a JSON array
SELECT job_name
FROM attempts
WHERE job_name = ANY (ARRAY(SELECT json_array_elements_text($1)))

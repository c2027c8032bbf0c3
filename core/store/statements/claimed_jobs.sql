-- Those of the named Jobs that belong, or once belonged, to a run.
--
-- $1 names of Jobs, an array
SELECT job_name
FROM attempts
WHERE job_name = ANY ($1::text[])

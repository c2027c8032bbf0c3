-- What waits in the queue: for each submitter the number of its runs, and the bytes of its programs and their input.
SELECT submitter, count(*) AS runs,
       sum(octet_length(source) + octet_length(stdin) + octet_length(args)
           + coalesce(octet_length(file_content), 0) + coalesce(octet_length(outputs::text), 0) + stdin_added)::bigint AS bytes
FROM runs
WHERE status = 'queued'
GROUP BY submitter

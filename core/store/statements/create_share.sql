-- Shares a run, when it has ended and there is room. Returns what became of it: made, active, too_many or full; no row when there is no such run.
-- Shares that are made at the same moment do not see one another, so the bounds may be passed by those.
--
-- $1 share id, $2 run id, $3 hash of the word that revokes it
-- $4 who makes it, $5 how long it lasts, in microseconds
-- $6 how many of one submitter at most, $7 what all of them may occupy
-- $8 what a share occupies besides the run that it refers to
WITH
-- Locked, so that the run is there, and not being deleted, when the share is made.
run AS (
  SELECT id, finished_at, stored_bytes, shares
  FROM runs
  WHERE id = $2
    AND deleted_at IS NULL
  FOR UPDATE
),
verdict AS (
  SELECT CASE
           WHEN finished_at IS NULL THEN 'active'
           WHEN (SELECT count(*) FROM shares AS s WHERE s.submitter = $4) >= $6 THEN 'too_many'
           WHEN (SELECT coalesce(sum(r.stored_bytes), 0) FROM runs AS r WHERE r.shares > 0)
             + CASE WHEN run.shares = 0 THEN run.stored_bytes ELSE 0 END
             + (SELECT count(*) + 1 FROM shares) * $8 > $7 THEN 'full'
           ELSE 'made'
         END AS word
  FROM run
),
made AS (
  INSERT INTO shares (id, run_id, token_hash, submitter, created_at, expires_at)
  SELECT $1, $2, $3, $4, now(), now() + $5::bigint * interval '1 microsecond'
  FROM verdict
  WHERE word = 'made'
  RETURNING created_at, expires_at
)
SELECT verdict.word AS verdict,
       (extract(epoch FROM made.created_at) * 1000000)::bigint AS created_us,
       (extract(epoch FROM made.expires_at) * 1000000)::bigint AS expires_us
FROM verdict
LEFT JOIN made ON true

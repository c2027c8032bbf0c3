-- Finished runs that can be read at an unguessable address of their own. A run that has ended does not change, so a share refers to it;
-- what is shared is not deleted.

ALTER TABLE runs
  ADD COLUMN shares integer NOT NULL DEFAULT 0,  -- how many refer to it
  ADD COLUMN deleted_at timestamptz;             -- it was deleted, and can only be read through its shares

CREATE TABLE shares (
  id text COLLATE "C" PRIMARY KEY,
  run_id text COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  token_hash text COLLATE "C" NOT NULL,  -- of the word with which it can be revoked
  submitter text COLLATE "C" NOT NULL,   -- who made it: the number of each one's shares is bounded
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX shares_run ON shares (run_id);
CREATE INDEX shares_submitter ON shares (submitter);
CREATE INDEX shares_expiry ON shares (expires_at);
-- What all shared runs occupy is summed up for each new share.
CREATE INDEX runs_shared ON runs (id) INCLUDE (stored_bytes) WHERE shares > 0;

-- The run's row is written, so that a statement that deletes runs at this moment looks at it again.
CREATE FUNCTION count_new_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE runs SET shares = shares + counted.number
  FROM (SELECT run_id, count(*) AS number FROM made GROUP BY run_id) AS counted
  WHERE runs.id = counted.run_id;
  RETURN NULL;
END $$;
CREATE TRIGGER shares_made AFTER INSERT ON shares
  REFERENCING NEW TABLE AS made FOR EACH STATEMENT
  EXECUTE FUNCTION count_new_shares();

-- With its last share, a run goes that was deleted before.
CREATE FUNCTION discount_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE runs SET shares = shares - counted.number
  FROM (SELECT run_id, count(*) AS number FROM gone GROUP BY run_id) AS counted
  WHERE runs.id = counted.run_id;
  DELETE FROM runs WHERE id IN (SELECT run_id FROM gone) AND shares = 0 AND deleted_at IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER shares_gone AFTER DELETE ON shares
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
  EXECUTE FUNCTION discount_shares();

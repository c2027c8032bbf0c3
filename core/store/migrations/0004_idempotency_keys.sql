-- A submission may be repeated with its key, and is accepted once.

CREATE TABLE idempotency_keys (
  submitter text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,  -- of the submission, so that a key that is used for another one is noticed
  run_id text COLLATE "C" NOT NULL,       -- no reference: that a run was deleted is something that a repetition must learn
  created_at timestamptz NOT NULL,
  PRIMARY KEY (submitter, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Output is one row per commit, an attempt may end without being spent, and a Job may be retired before it had a run.

ALTER TABLE runs
  ADD COLUMN series_began_at timestamptz,              -- the first claim after which no program has begun
  ADD COLUMN avoid_node text NOT NULL DEFAULT '';      -- the node that interrupted the run last
UPDATE runs SET series_began_at = claimed_at WHERE status = 'starting';

-- A row without a run is a Job that was retired: whatever is in here once never gets another run.
ALTER TABLE attempts
  DROP CONSTRAINT attempts_pkey,
  DROP CONSTRAINT attempts_job_name_key,
  ALTER COLUMN run_id DROP NOT NULL,
  ALTER COLUMN attempt DROP NOT NULL,
  ADD PRIMARY KEY (job_name),
  ADD UNIQUE (run_id, attempt),
  ADD CHECK ((run_id IS NULL) = (attempt IS NULL)),
  ADD COLUMN next_seq bigint NOT NULL DEFAULT 0,       -- the number of the first record that is not stored
  ADD COLUMN interrupted_at timestamptz,
  ADD COLUMN interrupted_message text,
  ADD COLUMN may_have_begun boolean;                   -- of an interrupted attempt: whether it was spent
CREATE INDEX attempts_retired ON attempts (claimed_at) WHERE run_id IS NULL;
-- next_seq is written with every commit of output; room in the page keeps the indexes out of it.
ALTER TABLE attempts SET (fillfactor = 70);
UPDATE attempts
SET interrupted_at = claimed_at,                       -- the earliest that it can have been
    may_have_begun = true
WHERE interrupted_reason IS NOT NULL;

-- Records of one commit. They follow one another, and so do the chunks of an attempt.
CREATE TABLE output_chunks (
  run_id text COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  attempt integer NOT NULL,
  seq bigint NOT NULL,       -- the number of its first record
  next_seq bigint NOT NULL,  -- the number after its last
  bytes bigint NOT NULL,     -- of output
  records text NOT NULL,     -- a JSON array, not looked into here: see output_chunk.h
  PRIMARY KEY (run_id, attempt, seq),
  CHECK (next_seq > seq)
);

-- About 64 KiB become a chunk. All bytes are converted as base64, because no SQL function tells whether they are UTF-8.
INSERT INTO output_chunks (run_id, attempt, seq, next_seq, bytes, records)
SELECT run_id, attempt, min(seq), max(seq) + 1, sum(length(data)), json_agg(record ORDER BY seq)
FROM (
  SELECT run_id, attempt, data,
         row_number() OVER earlier - 1 AS seq,
         (sum(length(data) + 64) OVER earlier - 1) / 65536 AS chunk,
         CASE
           WHEN stream = 3 THEN json_build_object(
             'ms', ms,
             'display', json_build_object('mime', mime, 'part', part, 'parts', parts,
               'base64', translate(encode(data, 'base64'), E'\n', '')))
           ELSE json_build_object(
             'ms', ms,
             'pieces', json_build_array(json_build_array(
               CASE stream WHEN 1 THEN 'ob' ELSE 'eb' END, translate(encode(data, 'base64'), E'\n', ''), dropped_bytes)))
         END AS record
  FROM output_records
  WINDOW earlier AS (PARTITION BY run_id, attempt ORDER BY seq)
) AS numbered
GROUP BY run_id, attempt, chunk;

UPDATE attempts
SET next_seq = stored.next_seq
FROM (SELECT run_id, attempt, max(next_seq) AS next_seq FROM output_chunks GROUP BY run_id, attempt) AS stored
WHERE attempts.run_id = stored.run_id
  AND attempts.attempt = stored.attempt;

DROP TABLE output_records;

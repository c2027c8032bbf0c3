-- The queue is fair: runs are claimed in the order of start-time tags, and each submitter's share is bounded (ADR 25).

ALTER TABLE runs
  ADD COLUMN submitter text COLLATE "C" NOT NULL DEFAULT '',  -- whose share of the queue the run takes
  ADD COLUMN tag bigint NOT NULL DEFAULT 0;                   -- its place in the queue, in milliseconds of virtual time
DROP INDEX runs_queue;
CREATE INDEX runs_queue ON runs (tag, id) WHERE status = 'queued';
CREATE INDEX runs_queue_of_submitter ON runs (submitter, tag) WHERE status = 'queued';

-- One row: how far the queue has come. Only a claim changes it.
CREATE TABLE queue_clock (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  virtual_time bigint NOT NULL DEFAULT 0,                -- the greatest tag that was claimed
  claimed_at timestamptz NOT NULL DEFAULT now(),
  is_backlogged boolean NOT NULL DEFAULT false,          -- that claim left runs behind that were due
  -- How fast runs are claimed while others wait; both fade, so their ratio is that of the last minutes.
  recent_claims double precision NOT NULL DEFAULT 0,
  recent_seconds double precision NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
INSERT INTO queue_clock DEFAULT VALUES;

-- Those whose last claimed run counts beyond the virtual time; others need no row.
CREATE TABLE submitters (
  name text COLLATE "C" PRIMARY KEY,
  next_tag bigint NOT NULL  -- the earliest tag of the next run
) WITH (fillfactor = 70);

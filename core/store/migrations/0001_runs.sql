-- Runs, the Jobs they were tied to, and what they printed.

-- One row: whose writes count. A controller raises the epoch when it becomes leader.
CREATE TABLE leadership (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL,
  holder text NOT NULL,
  taken_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO leadership (epoch, holder) VALUES (0, 'nobody');

CREATE TABLE runs (
  id text COLLATE "C" PRIMARY KEY,
  status text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'starting', 'running', 'succeeded', 'failed',
    'timed_out', 'out_of_memory', 'cancelled', 'error')),
  attempt integer NOT NULL DEFAULT 0,         -- the number in the Job's name
  spent_attempts integer NOT NULL DEFAULT 0,  -- those that were interrupted
  epoch bigint NOT NULL DEFAULT 0,            -- of the controller that holds the run
  cancel_requested boolean NOT NULL DEFAULT false,
  not_before timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  claimed_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  -- what was asked for
  source text NOT NULL,
  stdin text NOT NULL,
  args text NOT NULL,  -- a JSON array of strings, not looked into here
  wall_ms_limit bigint NOT NULL,
  cpu_ms_limit bigint NOT NULL,
  memory_mib bigint NOT NULL,
  output_bytes_limit bigint NOT NULL,
  scratch_mib bigint NOT NULL,
  -- how it ended
  reason text,
  message text,
  exit_code integer,
  signal integer,
  stdout_bytes bigint,
  stdout_dropped_bytes bigint,
  stderr_bytes bigint,
  stderr_dropped_bytes bigint,
  wall_ms bigint,
  cpu_ms bigint,
  peak_memory_bytes bigint,
  output_incomplete boolean,
  CHECK ((finished_at IS NOT NULL) = (status NOT IN ('queued', 'starting', 'running')))
) WITH (fillfactor = 80);

-- The queue, and what a controller looks after. Partial, so that finished runs cost them nothing.
CREATE INDEX runs_queue ON runs (id) WHERE status = 'queued';
CREATE INDEX runs_active ON runs (epoch) WHERE status IN ('starting', 'running');
CREATE INDEX runs_cancelling ON runs (id) WHERE cancel_requested AND status IN ('starting', 'running');
CREATE INDEX runs_status ON runs (status, id) WHERE status NOT IN ('queued', 'starting', 'running');
CREATE INDEX runs_finished ON runs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE attempts (
  run_id text COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  attempt integer NOT NULL,
  job_name text NOT NULL UNIQUE,  -- a Job is tied to one run, once, for ever
  pod text NOT NULL DEFAULT '',
  pod_uid text NOT NULL DEFAULT '',
  node text NOT NULL DEFAULT '',
  image text NOT NULL DEFAULT '',
  claimed_at timestamptz NOT NULL,
  interrupted_reason text,  -- why it did not end its run
  PRIMARY KEY (run_id, attempt)
);

CREATE TABLE output_records (
  run_id text COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  attempt integer NOT NULL,
  seq bigint NOT NULL,
  stream smallint NOT NULL CHECK (stream IN (1, 2, 3)),  -- stdout, stderr, display
  ms bigint NOT NULL,
  data bytea NOT NULL,
  dropped_bytes bigint NOT NULL DEFAULT 0,
  mime text NOT NULL DEFAULT '',
  part integer NOT NULL DEFAULT 0,
  parts integer NOT NULL DEFAULT 1,
  PRIMARY KEY (run_id, attempt, seq)
);

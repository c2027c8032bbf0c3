-- Input that comes while a run is active.

ALTER TABLE runs
  ADD COLUMN stdin_open boolean NOT NULL DEFAULT false,     -- as it was submitted
  ADD COLUMN stdin_ended boolean NOT NULL DEFAULT false,    -- nothing can follow
  ADD COLUMN stdin_next integer NOT NULL DEFAULT 0,         -- number of the next piece
  ADD COLUMN stdin_added bigint NOT NULL DEFAULT 0;         -- bytes of all pieces

-- Kept until the run is deleted: another attempt gets all of it again.
CREATE TABLE run_stdin (
  run_id text COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  seq integer NOT NULL,         -- from 0 without gaps
  data bytea NOT NULL,
  is_end boolean NOT NULL,      -- of the input; without data
  PRIMARY KEY (run_id, seq)
);

-- Files that come back from a program. What came back is in attempts.displays.

ALTER TABLE runs
  ADD COLUMN outputs jsonb,         -- patterns of the files that are asked for, an array of strings; NULL: none
  ADD COLUMN dropped_output_files integer NOT NULL DEFAULT 0;

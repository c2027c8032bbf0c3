-- Files that a program finds beside main.py.

ALTER TABLE runs
  ADD COLUMN files jsonb,           -- an array of {"path", "bytes"}, in the order of the submission; NULL: none
  ADD COLUMN file_content bytea;    -- of all of them, one after the other

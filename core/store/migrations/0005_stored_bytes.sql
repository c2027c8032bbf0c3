-- How much finished runs occupy, so that history can be bounded by bytes without reading all of it.

-- Of a finished run, with its output, as stored, which is compressed; written by the statement that ends it.
ALTER TABLE runs ADD COLUMN stored_bytes bigint NOT NULL DEFAULT 0;

-- The sum over all finished runs, in parts: each session writes its own, so that none waits for another's commit.
CREATE TABLE stored_bytes (
  part integer PRIMARY KEY,
  bytes bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
INSERT INTO stored_bytes (part) SELECT generate_series(0, 15);

CREATE FUNCTION add_stored_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stored_bytes SET bytes = bytes + NEW.stored_bytes - OLD.stored_bytes WHERE part = pg_backend_pid() % 16;
  RETURN NULL;
END $$;
CREATE TRIGGER runs_stored AFTER UPDATE ON runs
  FOR EACH ROW WHEN (OLD.stored_bytes <> NEW.stored_bytes)
  EXECUTE FUNCTION add_stored_bytes();

CREATE FUNCTION subtract_stored_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stored_bytes SET bytes = bytes - (SELECT coalesce(sum(gone.stored_bytes), 0) FROM gone)
  WHERE part = pg_backend_pid() % 16;
  RETURN NULL;
END $$;
CREATE TRIGGER runs_deleted AFTER DELETE ON runs
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
  EXECUTE FUNCTION subtract_stored_bytes();

-- What a run occupies. The constant stands for the rows of the run and its attempts, and their indexes.
CREATE FUNCTION run_bytes(source_bytes integer, stdin_bytes integer, args_bytes integer, output_bytes bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE
  RETURN 2048 + source_bytes + stdin_bytes + args_bytes + coalesce(output_bytes, 0);

UPDATE runs
SET stored_bytes = run_bytes(pg_column_size(source), pg_column_size(stdin), pg_column_size(args),
  (SELECT sum(pg_column_size(o.records)) FROM output_chunks AS o WHERE o.run_id = runs.id))
WHERE finished_at IS NOT NULL;

-- Keys of submissions are counted with what is stored: whoever submits, cancels and deletes without end must meet retention.bytes, too.

-- What a key occupies. The constant stands for the fingerprint, the run's id and what each row costs; two indexes hold the rest again.
CREATE FUNCTION key_bytes(submitter text, key text) RETURNS bigint
  LANGUAGE sql IMMUTABLE
  RETURN 256 + 2 * (octet_length(submitter) + octet_length(key));

CREATE FUNCTION add_key_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stored_bytes SET bytes = bytes + key_bytes(NEW.submitter, NEW.key) WHERE part = pg_backend_pid() % 16;
  RETURN NULL;
END $$;
CREATE TRIGGER idempotency_keys_stored AFTER INSERT ON idempotency_keys
  FOR EACH ROW
  EXECUTE FUNCTION add_key_bytes();

CREATE FUNCTION subtract_key_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE stored_bytes SET bytes = bytes - (SELECT coalesce(sum(key_bytes(gone.submitter, gone.key)), 0) FROM gone)
  WHERE part = pg_backend_pid() % 16;
  RETURN NULL;
END $$;
CREATE TRIGGER idempotency_keys_deleted AFTER DELETE ON idempotency_keys
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
  EXECUTE FUNCTION subtract_key_bytes();

UPDATE stored_bytes
SET bytes = bytes + (SELECT coalesce(sum(key_bytes(submitter, key)), 0) FROM idempotency_keys)
WHERE part = 0;

-- Revokes a share.
--
-- $1 share id
DELETE FROM shares
WHERE id = $1

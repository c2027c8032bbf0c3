-- Takes leadership. Every write of an older epoch fails from now on.
--
-- $1 name of the new leader
UPDATE leadership
SET epoch    = epoch + 1,
    holder   = $1,
    taken_at = now()
RETURNING epoch

-- Takes leadership. Every write of an older epoch fails from now on.
-- A failover may lose the last epochs. The clock's microseconds do not give them out again, unless it went back by more than the failover took.
--
-- $1 name of the new leader
UPDATE leadership
SET epoch    = greatest(epoch + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint),
    holder   = $1,
    taken_at = clock_timestamp()
RETURNING epoch

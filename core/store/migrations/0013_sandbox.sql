-- Which layers held the program of the attempt, as its runner says: {"landlock": 7, "seccomp": true, "user_namespace": false}. NULL where it does not.
ALTER TABLE attempts ADD COLUMN sandbox jsonb;

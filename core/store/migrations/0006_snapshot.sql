-- How the Python of the attempt's pod became ready, as its runner says: restored from the image's snapshot, or why not.
ALTER TABLE attempts ADD COLUMN snapshot text NOT NULL DEFAULT '';

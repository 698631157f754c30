-- Up Migration

-- How many market steps a session has begun: a restarted one takes no new command before it is past them. Null: none.
ALTER TABLE signalbox.sessions ADD COLUMN step bigint;

-- Down Migration

ALTER TABLE signalbox.sessions DROP COLUMN step;

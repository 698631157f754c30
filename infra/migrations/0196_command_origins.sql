-- Up Migration

-- Which request a command came from: its correlation id, and the span of its trace where one is recorded.
ALTER TABLE signalbox.session_commands ADD COLUMN origin jsonb;

-- Down Migration

ALTER TABLE signalbox.session_commands DROP COLUMN origin;

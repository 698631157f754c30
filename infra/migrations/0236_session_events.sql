-- Up Migration

-- Up to which row of known_events a session had read when it was handed a close: a restarted session is given the same
-- events again. Null where it reads none.
ALTER TABLE signalbox.session_bars ADD COLUMN events_to bigint;

-- Down Migration

ALTER TABLE signalbox.session_bars DROP COLUMN events_to;

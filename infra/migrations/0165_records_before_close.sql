-- Up Migration

-- Records of the session's journal before its bars were handed on: what happens as one bar closes and the next opens, at one moment, belongs to one of them.
ALTER TABLE signalbox.session_bars ADD COLUMN records bigint CHECK (records >= 0);

-- Down Migration

ALTER TABLE signalbox.session_bars DROP COLUMN records;

-- Up Migration

-- How many market steps a session has begun: a restarted one takes no new command before it is past them. Null: none.
ALTER TABLE signalbox.sessions ADD COLUMN step bigint;

-- Bars that had closed after this one when it came: 0 where it came in time.
ALTER TABLE signalbox.session_bars ADD COLUMN late_bars integer NOT NULL DEFAULT 0;

-- Splits and dividends that a live session learnt of after it began, before the close with which it took them up. A restarted one is given
-- them there again, whatever the record of actions says by then.
CREATE TABLE signalbox.session_actions (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  close_time timestamptz NOT NULL,
  -- Position in the session's universe.
  symbol integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('split', 'dividend')),
  effective_at timestamptz NOT NULL,
  known_at timestamptz NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (session_id, symbol, kind, effective_at)
);

-- Down Migration

DROP TABLE signalbox.session_actions;
ALTER TABLE signalbox.session_bars DROP COLUMN late_bars;
ALTER TABLE signalbox.sessions DROP COLUMN step;

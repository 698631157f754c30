-- Up Migration

-- Splits and dividends that a live session learnt of while it ran, with the close before which they came into effect: written with the bars
-- of that close, and given to the session again with them when it is restarted.
CREATE TABLE signalbox.session_actions (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  close_time timestamptz NOT NULL,
  -- Position in the session's universe.
  symbol integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('split', 'dividend')),
  effective_at timestamptz NOT NULL,
  known_at timestamptz NOT NULL,
  -- New shares per old share, or cash per share.
  value double precision NOT NULL,
  PRIMARY KEY (session_id, close_time, symbol, kind, effective_at)
);

-- How many later bars had closed when a close reached the session, and why the model in charge was not asked: a restarted session judges the
-- same signals alike.
ALTER TABLE signalbox.session_bars ADD COLUMN late_bars integer NOT NULL DEFAULT 0;
ALTER TABLE signalbox.session_bars ADD COLUMN unfit text;

-- What operators are told of a session without its journal being read. Null: not yet known.
ALTER TABLE signalbox.sessions ADD COLUMN experiment text;
ALTER TABLE signalbox.sessions ADD COLUMN kill_state text CHECK (kill_state IN ('run', 'halt', 'reduce', 'flatten'));
ALTER TABLE signalbox.sessions ADD COLUMN last_close timestamptz;
ALTER TABLE signalbox.sessions ADD COLUMN equity double precision;
-- Signed units by symbol, those of 0 left out.
ALTER TABLE signalbox.sessions ADD COLUMN positions jsonb;

-- Down Migration

ALTER TABLE signalbox.sessions DROP COLUMN positions;
ALTER TABLE signalbox.sessions DROP COLUMN equity;
ALTER TABLE signalbox.sessions DROP COLUMN last_close;
ALTER TABLE signalbox.sessions DROP COLUMN kill_state;
ALTER TABLE signalbox.sessions DROP COLUMN experiment;
ALTER TABLE signalbox.session_bars DROP COLUMN unfit;
ALTER TABLE signalbox.session_bars DROP COLUMN late_bars;
DROP TABLE signalbox.session_actions;

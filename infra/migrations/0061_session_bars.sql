-- Up Migration

-- Bars that a session got from a live feed, in the order in which it got them: written before it acts on them, and given to it again
-- when it is restarted. What a vendor's history says later may differ.
CREATE TABLE signalbox.session_bars (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  close_time timestamptz NOT NULL,
  -- Position in the session's universe.
  symbol integer NOT NULL,
  open_time timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  PRIMARY KEY (session_id, close_time, symbol)
);

-- Down Migration

DROP TABLE signalbox.session_bars;

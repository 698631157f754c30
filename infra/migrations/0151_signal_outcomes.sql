-- Up Migration

-- What came of a session's signals once their horizon had passed, by the bars that the session was given. What they said stands here again,
-- so that this can be read by itself; nothing that decides reads it.
CREATE TABLE signalbox.signal_outcomes (
  session_id text NOT NULL,
  record bigint NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL CHECK (action IN ('BUY', 'SELL')),
  strength text NOT NULL,
  model text,
  strategy text,
  probability double precision,
  refused text,
  -- Close that it rests on, bars of its horizon, and the close at which that had passed.
  decided_at timestamptz NOT NULL,
  horizon_bars integer NOT NULL,
  known_at timestamptz NOT NULL,
  -- 1 for up. The return is simple, splits and dividends taken out.
  label smallint NOT NULL CHECK (label IN (0, 1)),
  realised_return double precision NOT NULL,
  PRIMARY KEY (session_id, record),
  FOREIGN KEY (session_id, record) REFERENCES signalbox.signals (session_id, record) ON DELETE CASCADE
);

-- Down Migration

DROP TABLE signalbox.signal_outcomes;

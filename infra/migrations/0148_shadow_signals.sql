-- Up Migration

-- What models and strategies said that run beside a session's own and are never traded, wherever one of the two asked for something.
CREATE TABLE signalbox.shadow_signals (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  -- A registered version (`name@version`), or a rule with its parameters.
  shadow text NOT NULL,
  -- Close of the bar.
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL CHECK (action IN ('BUY', 'SELL', 'HOLD')),
  -- What the session's own strategy said at that close.
  own_action text NOT NULL CHECK (own_action IN ('BUY', 'SELL', 'HOLD')),
  probability double precision,
  confidence double precision NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (session_id, shadow, time, symbol)
);

-- Down Migration

DROP TABLE signalbox.shadow_signals;

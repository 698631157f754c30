-- Up Migration

-- What a session is beside the backtest of the same bars, as of a close: after it has ended, daily where it is long, and when it is asked for.
CREATE TABLE signalbox.session_parity (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  as_of timestamptz NOT NULL,
  document jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, as_of)
);

-- How a session was asked for: the experiment as it was named, and the options of the command.
CREATE TABLE signalbox.session_sources (
  session_id text PRIMARY KEY REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  experiment text NOT NULL,
  options jsonb NOT NULL
);

-- Down Migration

DROP TABLE signalbox.session_sources;
DROP TABLE signalbox.session_parity;

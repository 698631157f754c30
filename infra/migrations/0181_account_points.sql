-- Up Migration

-- The account of a session over time as its books had it, at most one row a minute of the market: the curve that boards draw while it runs.
CREATE TABLE signalbox.account_points (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  minute timestamptz NOT NULL,
  equity double precision NOT NULL,
  cash double precision NOT NULL,
  gross double precision NOT NULL,
  net double precision NOT NULL,
  realised double precision NOT NULL,
  unrealised double precision NOT NULL,
  fees double precision NOT NULL,
  PRIMARY KEY (session_id, minute)
);

-- Down Migration

DROP TABLE signalbox.account_points;

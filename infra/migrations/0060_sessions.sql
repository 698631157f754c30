-- Up Migration

-- One run of the engine: a backtest, a paper or a live session.
CREATE TABLE signalbox.sessions (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('backtest', 'paper', 'live')),
  -- Hash of everything that decides what the session does; a resumed session must have the same.
  definition_hash text NOT NULL,
  definition jsonb NOT NULL,
  symbols text[] NOT NULL,
  capital numeric NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  journal_hash text
);

-- The journal itself: binary records in order, a row per commit. The key makes a record that is written twice an error.
CREATE TABLE signalbox.journal_batches (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  first_record bigint NOT NULL,
  records integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (session_id, first_record)
);

-- The same records for people and Grafana. `record` is the position in the journal.
CREATE TABLE signalbox.signals (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  record bigint NOT NULL,
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  action text NOT NULL CHECK (action IN ('BUY', 'SELL')),
  probability double precision,
  confidence double precision NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (session_id, record)
);

CREATE TABLE signalbox.orders (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  sequence bigint NOT NULL,
  record bigint NOT NULL,
  client_order_id text NOT NULL UNIQUE,
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  -- Signed units; for an order with `fraction` only what closes the old position.
  quantity numeric NOT NULL,
  -- Above 0: the fraction of equity to open at the fill price.
  fraction double precision NOT NULL,
  decision_price numeric NOT NULL,
  clipped_by text,
  reduces boolean NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (session_id, sequence)
);

CREATE TABLE signalbox.fills (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  record bigint NOT NULL,
  sequence bigint NOT NULL,
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  quantity numeric NOT NULL,
  price numeric NOT NULL,
  fee numeric NOT NULL,
  slippage numeric NOT NULL,
  PRIMARY KEY (session_id, record)
);

CREATE TABLE signalbox.refusals (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  record bigint NOT NULL,
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  stage text NOT NULL,
  code text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (session_id, record)
);

-- What operators asked for. `step` is the market step before which it took effect: a replay repeats it there.
CREATE TABLE signalbox.session_commands (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  command text NOT NULL CHECK (command IN ('halt', 'reduce', 'flatten', 'resume')),
  requested_at timestamptz NOT NULL DEFAULT now(),
  step bigint
);
CREATE INDEX session_commands_pending ON signalbox.session_commands (session_id) WHERE step IS NULL;

-- Down Migration
DROP TABLE signalbox.session_commands;
DROP TABLE signalbox.refusals;
DROP TABLE signalbox.fills;
DROP TABLE signalbox.orders;
DROP TABLE signalbox.signals;
DROP TABLE signalbox.journal_batches;
DROP TABLE signalbox.sessions;

-- Up Migration

-- What registered models say of bars after their training, each prediction once: the champion's, and beside it the challenger's, which
-- nobody trades. Label and return are filled in when they are known.
CREATE TABLE signalbox.live_predictions (
  model_hash text NOT NULL REFERENCES signalbox.models (hash) ON DELETE CASCADE,
  symbol text NOT NULL,
  decision_time timestamptz NOT NULL,
  -- What the model was when it said so.
  role text NOT NULL CHECK (role IN ('champion', 'challenger')),
  probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
  score double precision NOT NULL,
  -- Share of training rows that lie nearer to their centre than this row; null for models without a reference.
  novelty double precision,
  label smallint,
  realised_return double precision,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (model_hash, symbol, decision_time)
);

-- One look at a champion per state of its data: `as_of` is the close of the newest bar.
CREATE TABLE signalbox.monitoring_reports (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  model_hash text NOT NULL REFERENCES signalbox.models (hash) ON DELETE CASCADE,
  as_of timestamptz NOT NULL,
  report jsonb NOT NULL,
  alarms text[] NOT NULL,
  reported_at timestamptz NOT NULL,
  UNIQUE (model_hash, as_of)
);

-- What followed from the looks: challengers trained and offered to the gate.
CREATE TABLE signalbox.monitoring_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  as_of timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('trained', 'offered')),
  -- Alarms or schedule that asked for it, the version concerned and what came of it.
  detail jsonb NOT NULL,
  acted_at timestamptz NOT NULL,
  UNIQUE (name, as_of, kind)
);

-- Of rows that folds predicted out of sample: the same measure as of live ones.
ALTER TABLE signalbox.predictions ADD COLUMN novelty double precision;

-- Down Migration

ALTER TABLE signalbox.predictions DROP COLUMN novelty;
DROP TABLE signalbox.monitoring_actions;
DROP TABLE signalbox.monitoring_reports;
DROP TABLE signalbox.live_predictions;

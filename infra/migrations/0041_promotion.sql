-- Up Migration

-- Bars that close later get no signal from this version. Null: registered before models expired.
ALTER TABLE signalbox.model_versions ADD COLUMN expires_at timestamptz;

-- What the hunts for look-ahead found in what a training rests on: experiment and data; it may be hunted in before it is trained. `hunt` says how far it went: features and labels (every run), or
-- whole (`signalbox lookahead`: predictions and decisions too).
CREATE TABLE signalbox.leakage_reports (
  training_hash text NOT NULL,
  hunt text NOT NULL CHECK (hunt IN ('features-and-labels', 'whole')),
  -- Values compared, by stage, and what differed.
  compared jsonb NOT NULL,
  findings jsonb NOT NULL,
  hunted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (training_hash, hunt)
);

-- Every decision about which version holds `champion`, refusals included; kept when versions are deleted.
CREATE TABLE signalbox.promotion_decisions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  version integer NOT NULL,
  model_hash text NOT NULL,
  -- The champion it was compared with; null where there was none.
  champion_version integer,
  outcome text NOT NULL CHECK (outcome IN ('first', 'promoted', 'refused', 'overridden', 'rolled-back')),
  -- Each criterion with its figure, its threshold and whether it was met.
  criteria jsonb NOT NULL,
  -- The operator's words for an override.
  reason text,
  decided_at timestamptz NOT NULL
);
CREATE INDEX promotion_decisions_of_model ON signalbox.promotion_decisions (name, id);

-- Down Migration

DROP TABLE signalbox.promotion_decisions;
DROP TABLE signalbox.leakage_reports;
ALTER TABLE signalbox.model_versions DROP COLUMN expires_at;

-- Up Migration

-- Every move of an experiment between backtest, paper and live, with the evidence that was there, or the consent without it. An experiment
-- that changes has another hash, and begins again.
CREATE TABLE signalbox.stage_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  experiment text NOT NULL,
  experiment_hash text NOT NULL,
  from_stage text NOT NULL CHECK (from_stage IN ('backtest', 'paper', 'live')),
  to_stage text NOT NULL CHECK (to_stage IN ('backtest', 'paper', 'live')),
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- Who: the user of the machine.
  operator text NOT NULL,
  evidence jsonb NOT NULL,
  -- What the gate missed; empty where it passed.
  missing text[] NOT NULL,
  -- Why it was moved all the same; null where nothing was missed.
  consent text
);
CREATE INDEX stage_changes_of ON signalbox.stage_changes (experiment, experiment_hash, id);

-- Down Migration

DROP TABLE signalbox.stage_changes;

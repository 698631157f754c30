-- Up Migration

-- A search for parameters: identified by everything that decides its proposals and scores.
CREATE TABLE signalbox.searches (
  hash text PRIMARY KEY,
  experiment_name text NOT NULL,
  data_hash text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  cancelled boolean NOT NULL DEFAULT false
);

-- The journal of a search: one row per job that is done, written in the transaction that tells the tracking server. `training_window` is
-- the outer fold whose training rows were used, -1 for all rows; `rung` counts the resource levels of successive halving, 0 otherwise;
-- the chosen parameters' test of an outer fold is rung -1.
CREATE TABLE signalbox.search_trials (
  search_hash text NOT NULL REFERENCES signalbox.searches (hash) ON DELETE CASCADE,
  training_window integer NOT NULL,
  trial integer NOT NULL,
  rung integer NOT NULL,
  parameters jsonb NOT NULL,
  -- What the search maximises; null where it cannot be computed.
  objective double precision,
  result jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (search_hash, training_window, trial, rung)
);

-- Down Migration

DROP TABLE signalbox.search_trials;
DROP TABLE signalbox.searches;

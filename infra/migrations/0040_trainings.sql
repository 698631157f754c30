-- Up Migration

-- One row per distinct (resolved experiment parts that change a model, data): the identity of a training.
CREATE TABLE signalbox.trainings (
  hash text PRIMARY KEY,
  experiment_name text NOT NULL,
  experiment_hash text NOT NULL,
  data_hash text NOT NULL,
  feature_set_hash text NOT NULL,
  backend text NOT NULL,
  plan jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- Set when the folds' results have been put together and the model is registered.
  assembled_at timestamptz,
  -- Asked for from anywhere; the workers that hold its folds look once a second.
  cancelled boolean NOT NULL DEFAULT false
);

-- One row per finished fold, written in the transaction that writes its predictions and its model.
CREATE TABLE signalbox.fold_results (
  training_hash text NOT NULL REFERENCES signalbox.trainings (hash) ON DELETE CASCADE,
  fold integer NOT NULL,
  result jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (training_hash, fold)
);

-- Out-of-sample predictions: what backtests trade. A combinatorial split predicts a time more than once, hence the fold.
CREATE TABLE signalbox.predictions (
  training_hash text NOT NULL REFERENCES signalbox.trainings (hash) ON DELETE CASCADE,
  fold integer NOT NULL,
  symbol text NOT NULL,
  decision_time timestamptz NOT NULL,
  probability double precision NOT NULL CHECK (probability BETWEEN 0 AND 1),
  score double precision NOT NULL,
  label smallint NOT NULL,
  realised_return double precision NOT NULL,
  -- Reconstructed path of a combinatorial split; 0 otherwise.
  path integer NOT NULL DEFAULT 0,
  PRIMARY KEY (training_hash, fold, symbol, decision_time)
);

-- Serialised ensembles; the hash covers training, fold and content. `fold` is null for the one trained on every row.
CREATE TABLE signalbox.models (
  hash text PRIMARY KEY,
  training_hash text NOT NULL REFERENCES signalbox.trainings (hash) ON DELETE CASCADE,
  fold integer,
  train_from timestamptz NOT NULL,
  train_to timestamptz NOT NULL,
  feature_set_hash text NOT NULL,
  content bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX models_of_training ON signalbox.models (training_hash, coalesce(fold, -1));

-- The registry: numbered versions of a name, and aliases (`champion`, `challenger`) that point at them.
CREATE TABLE signalbox.model_versions (
  name text NOT NULL,
  version integer NOT NULL,
  model_hash text NOT NULL REFERENCES signalbox.models (hash) ON DELETE CASCADE,
  experiment_hash text NOT NULL,
  evidence jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version),
  UNIQUE (name, model_hash)
);

CREATE TABLE signalbox.model_aliases (
  name text NOT NULL,
  alias text NOT NULL,
  version integer NOT NULL,
  previous_version integer,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, alias),
  FOREIGN KEY (name, version) REFERENCES signalbox.model_versions (name, version) ON DELETE CASCADE
);

-- Down Migration

DROP TABLE signalbox.model_aliases, signalbox.model_versions, signalbox.models, signalbox.predictions, signalbox.fold_results,
  signalbox.trainings;

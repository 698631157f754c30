-- Up Migration

-- Every distinct (resolved experiment, data) that produced an out-of-sample score: what a good result is deflated by. Other data
-- starts another history. Returns are kept because the probability of overfitting compares whole records, not their ratios.
CREATE TABLE signalbox.trials (
  data_hash text NOT NULL,
  experiment_hash text NOT NULL,
  experiment_name text NOT NULL,
  -- Closes of the trading days that the returns end at.
  day_closes timestamptz[] NOT NULL,
  -- Simple net out-of-sample return of each of those days, and that in excess of buy-and-hold of the same average exposure.
  daily_returns double precision[] NOT NULL,
  excess_returns double precision[] NOT NULL,
  -- Unannualised Sharpe ratios of both; null where the returns do not vary.
  sharpe double precision,
  excess_sharpe double precision,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (data_hash, experiment_hash),
  CHECK (cardinality(day_closes) = cardinality(daily_returns)),
  CHECK (cardinality(day_closes) = cardinality(excess_returns))
);

-- Down Migration

DROP TABLE signalbox.trials;

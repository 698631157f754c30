-- Up Migration

-- Backtests that somebody asks for over HTTP: done by a worker, kept with their result.
CREATE TABLE signalbox.backtest_jobs (
  id text PRIMARY KEY,
  asked jsonb NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  correlation_id text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  began_at timestamptz,
  ended_at timestamptz,
  result jsonb,
  problem text
);
CREATE INDEX backtest_jobs_asked ON signalbox.backtest_jobs (asked_at);

-- Down Migration

DROP TABLE signalbox.backtest_jobs;

-- Up Migration

-- Backtests and walk-forwards of experiments are jobs too: they tell how far they are, and what they left; a job can be
-- canceled.
ALTER TABLE signalbox.backtest_jobs
  ADD COLUMN kind text NOT NULL DEFAULT 'rules' CHECK (kind IN ('rules', 'backtest', 'walk-forward')),
  ADD COLUMN progress jsonb,
  ADD COLUMN run text,
  DROP CONSTRAINT backtest_jobs_state_check,
  ADD CONSTRAINT backtest_jobs_state_check
    CHECK (state IN ('waiting', 'running', 'done', 'failed', 'canceled'));

-- Down Migration

DELETE FROM signalbox.backtest_jobs WHERE kind <> 'rules' OR state = 'canceled';
ALTER TABLE signalbox.backtest_jobs
  DROP COLUMN kind,
  DROP COLUMN progress,
  DROP COLUMN run,
  DROP CONSTRAINT backtest_jobs_state_check,
  ADD CONSTRAINT backtest_jobs_state_check CHECK (state IN ('waiting', 'running', 'done', 'failed'));

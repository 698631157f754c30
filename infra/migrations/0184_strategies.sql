-- Up Migration

-- Strategies that the service keeps and runs: a name, the newest version of its experiment, and what is wanted of it.
CREATE TABLE signalbox.strategies (
  name text PRIMARY KEY,
  version integer NOT NULL,
  desired text NOT NULL DEFAULT 'stopped' CHECK (desired IN ('running', 'paused', 'stopped')),
  -- When that was last asked for, and by whom: failures from before count no more.
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  asked_by text NOT NULL,
  -- The session of its last run, and the version which that trades.
  session_id text,
  session_version integer,
  runs integer NOT NULL DEFAULT 0,
  -- The next run is of the newest version, once the present one is down.
  restart boolean NOT NULL DEFAULT false,
  -- The session that was told to halt because the strategy is paused.
  told_session text,
  -- Starts in vain, when the next may be tried, and what the last one said.
  tries integer NOT NULL DEFAULT 0,
  try_after timestamptz NOT NULL DEFAULT clock_timestamp(),
  problem text,
  -- A process is starting its session, until then at the latest: meanwhile it does not become another.
  starting_until timestamptz
);

-- Every version that a strategy has had: the YAML as it was sent, and how it is run.
CREATE TABLE signalbox.strategy_versions (
  strategy text NOT NULL REFERENCES signalbox.strategies ON DELETE CASCADE,
  version integer NOT NULL,
  yaml text NOT NULL,
  settings jsonb NOT NULL,
  made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  made_by text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (strategy, version)
);

-- How a supervisor ended, and the last words of the session that failed under it.
ALTER TABLE signalbox.session_supervisors
  ADD COLUMN outcome text CHECK (outcome IN ('stopped', 'ended', 'refused', 'gave-up')),
  ADD COLUMN last_words text;

-- Down Migration

ALTER TABLE signalbox.session_supervisors DROP COLUMN outcome, DROP COLUMN last_words;
DROP TABLE signalbox.strategy_versions;
DROP TABLE signalbox.strategies;

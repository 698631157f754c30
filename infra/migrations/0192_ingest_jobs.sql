-- Up Migration

-- Bars that somebody asks for over HTTP: brought in by a worker, kept with what came of it.
CREATE TABLE signalbox.ingest_jobs (
  id text PRIMARY KEY,
  asked jsonb NOT NULL,
  -- The file that was sent along; null where there was none, and once the job is done.
  upload text,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  correlation_id text NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  began_at timestamptz,
  ended_at timestamptz,
  -- Stage, units done and to do, and the last notes.
  progress jsonb,
  result jsonb,
  problem text
);
CREATE INDEX ingest_jobs_asked ON signalbox.ingest_jobs (asked_at);

-- Down Migration

DROP TABLE signalbox.ingest_jobs;

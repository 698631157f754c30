-- Up Migration

-- Processes that serve or work: each says again and again that it is there, how it is and what it has counted.
CREATE TABLE signalbox.processes (
  id text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('service', 'worker', 'session')),
  host text NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  node text NOT NULL,
  began_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  -- By part: whether it is well, and in words.
  health jsonb NOT NULL,
  -- Bytes of memory, sockets, lines of its log by level.
  figures jsonb NOT NULL
);

-- Down Migration

DROP TABLE signalbox.processes;

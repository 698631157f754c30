-- Up Migration

-- Every change of a circuit breaker of a session, with its reason; the last of a breaker says how it stands.
CREATE TABLE signalbox.breaker_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  breaker text NOT NULL CHECK (breaker IN ('requests', 'stream', 'database')),
  state text NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
  at timestamptz NOT NULL,
  reason text NOT NULL
);
CREATE INDEX breaker_changes_of ON signalbox.breaker_changes (session_id, breaker, id);

-- Down Migration

DROP TABLE signalbox.breaker_changes;

-- Up Migration

-- What a venue told a session of its orders and its account, as the engine took it, in order: recorded before an order that rests on it
-- leaves, and given to the session again when it is restarted.
CREATE TABLE signalbox.venue_inputs (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  position integer NOT NULL,
  -- Steps of the market that the session had taken before it, and commands that it had taken since the last of them.
  step integer NOT NULL,
  commands integer NOT NULL,
  event jsonb NOT NULL,
  PRIMARY KEY (session_id, position)
);

-- Down Migration

DROP TABLE signalbox.venue_inputs;

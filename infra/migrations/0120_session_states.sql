-- Up Migration

-- The last state that a session saved: a restart begins with it, and repeats what came after. Written in the transaction of the records of
-- the journal that led to it, in place of the one before.
CREATE TABLE signalbox.session_states (
  session_id text PRIMARY KEY REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  -- Version of what the parts of a session save.
  format text NOT NULL,
  -- SHA-256 of the document, in hex.
  digest text NOT NULL,
  document text NOT NULL
);

-- Down Migration

DROP TABLE signalbox.session_states;

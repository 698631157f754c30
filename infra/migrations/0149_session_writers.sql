-- Up Migration

-- Who writes the record of a session, and how far it is: each process that takes the session up is the next writer, and each of its commits the next in number.
-- A commit that was made already, or by a process that another has followed, is told apart by them.
CREATE TABLE signalbox.session_writers (
  session_id text PRIMARY KEY REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  writer integer NOT NULL,
  commits bigint NOT NULL,
  -- Steps of the market that had begun with the last of them.
  step bigint NOT NULL
);

-- Down Migration

DROP TABLE signalbox.session_writers;

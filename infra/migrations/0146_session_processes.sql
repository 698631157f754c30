-- Up Migration

-- That somebody asked a session to stop: heeded by a process that began before. Its process need not be on record.
CREATE TABLE signalbox.session_stops (
  session_id text PRIMARY KEY,
  asked_at timestamptz NOT NULL
);

-- The supervisor that keeps a session running, or last did. A session may not be there yet when it begins.
CREATE TABLE signalbox.session_supervisors (
  session_id text PRIMARY KEY,
  host text NOT NULL,
  pid integer NOT NULL,
  -- File on that host; null where its output goes elsewhere.
  log text,
  began_at timestamptz NOT NULL DEFAULT now(),
  -- What it is about, in words, and since when.
  doing text NOT NULL,
  doing_since timestamptz NOT NULL DEFAULT now(),
  restarts integer NOT NULL DEFAULT 0
);

-- Down Migration

DROP TABLE signalbox.session_supervisors;
DROP TABLE signalbox.session_stops;

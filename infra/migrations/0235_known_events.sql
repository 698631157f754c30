-- Up Migration

-- News, sentiment, fundamentals and calendars, point in time. Rows are never changed: a correction is a row with the
-- same source_id, a higher revision and the time at which it became known itself.
CREATE TABLE signalbox.known_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL CHECK (source <> ''),
  source_id text NOT NULL CHECK (source_id <> ''),
  revision integer NOT NULL CHECK (revision >= 0),
  -- Empty for the whole market.
  symbol text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('news', 'sentiment', 'fundamental', 'calendar')),
  -- What of it, such as eps; empty where the kind says all.
  field text NOT NULL,
  value double precision CHECK (value > '-Infinity' AND value < 'Infinity'),
  expected double precision CHECK (expected > '-Infinity' AND expected < 'Infinity'),
  body text CHECK (char_length(body) <= 2000),
  event_time timestamptz NOT NULL,
  -- Nothing that is computed for an earlier moment may use the row.
  known_time timestamptz NOT NULL,
  -- Who says so.
  known_by text NOT NULL CHECK (known_by IN ('source', 'delay', 'ingestion')),
  -- What made the value, where it is our own: a lexicon and its version.
  method text,
  ingested_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source, source_id, symbol, kind, field, revision)
);
CREATE INDEX known_events_by_time ON signalbox.known_events (symbol, known_time);

-- How far a vendor has been asked, so that an ingestion that was stopped goes on from there.
CREATE TABLE signalbox.event_ranges (
  source text NOT NULL,
  symbol text NOT NULL,
  from_time timestamptz NOT NULL,
  to_time timestamptz NOT NULL CHECK (to_time > from_time),
  PRIMARY KEY (source, symbol)
);

-- Down Migration

DROP TABLE signalbox.event_ranges;
DROP TABLE signalbox.known_events;

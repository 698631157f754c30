-- Up Migration

-- What was sent to a venue about each order and what it answered, as it went over the wire, without what signs it: kept for days, not years.
CREATE TABLE signalbox.venue_requests (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  sequence bigint,
  client_order_id text NOT NULL,
  sent_at timestamptz NOT NULL,
  took_ms double precision NOT NULL,
  method text NOT NULL,
  path text NOT NULL,
  body text,
  -- Null where no answer came.
  status integer,
  answer text NOT NULL
);

CREATE INDEX venue_requests_of_order ON signalbox.venue_requests (session_id, sequence);
CREATE INDEX venue_requests_sent ON signalbox.venue_requests (sent_at);

-- Down Migration

DROP TABLE signalbox.venue_requests;

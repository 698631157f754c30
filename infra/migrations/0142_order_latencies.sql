-- Up Migration

-- When each order of a session took each step, by the wall clock in ms since the epoch: for people; nothing is decided by it. The close of
-- the bar is by the market's time. Null where a step was not taken, or was taken by a process that is gone.
CREATE TABLE signalbox.order_latencies (
  session_id text NOT NULL REFERENCES signalbox.sessions(id) ON DELETE CASCADE,
  sequence bigint NOT NULL,
  closed_ms double precision,
  arrived_ms double precision,
  decided_ms double precision,
  committed_ms double precision,
  sent_ms double precision,
  acknowledged_ms double precision,
  filled_ms double precision,
  PRIMARY KEY (session_id, sequence)
);

-- Down Migration

DROP TABLE signalbox.order_latencies;

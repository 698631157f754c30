-- Up Migration

-- What risk would say to an order now: asked of a session that runs, and taken away with its answer. It is kept by nobody and outlives no crash.
CREATE UNLOGGED TABLE signalbox.order_questions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  session_id text NOT NULL,
  asked jsonb NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  answer jsonb
);
CREATE INDEX order_questions_open ON signalbox.order_questions (session_id) WHERE answer IS NULL;

-- The request that asked for an order: one that is made again, by the same key, finds what came of it.
ALTER TABLE signalbox.session_commands ADD COLUMN request text;
CREATE UNIQUE INDEX session_commands_request ON signalbox.session_commands (session_id, request) WHERE request IS NOT NULL;

-- Down Migration

DROP INDEX signalbox.session_commands_request;
ALTER TABLE signalbox.session_commands DROP COLUMN request;
DROP TABLE signalbox.order_questions;

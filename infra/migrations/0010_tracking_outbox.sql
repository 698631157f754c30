-- Up Migration

-- What the tracking server shall be told, written in the transaction of the results it describes. An entry is one request
-- to the server (or one create with its lookups); entries of a stream are delivered in the order of their ids.
CREATE TABLE signalbox.tracking_entries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text NOT NULL,
  entry_key text NOT NULL,
  kind text NOT NULL,
  payload jsonb NOT NULL,
  -- Bytes of an artifact; emptied on delivery, so that models are not kept twice.
  content bytea,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'refused')),
  -- True from before a request is sent until its answer is known: what a retry must look up first.
  uncertain boolean NOT NULL DEFAULT false,
  attempts integer NOT NULL DEFAULT 0,
  -- The server's answer to the last attempt that failed.
  answer text,
  enqueued_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  UNIQUE (stream, entry_key)
);

CREATE INDEX tracking_entries_pending ON signalbox.tracking_entries (stream, id) WHERE state = 'pending';
CREATE INDEX tracking_entries_refused ON signalbox.tracking_entries (id) WHERE state = 'refused';

-- What the server called our runs, logged models and model versions.
CREATE TABLE signalbox.tracking_identifiers (
  kind text NOT NULL CHECK (kind IN ('run', 'logged-model', 'model-version')),
  local_key text NOT NULL,
  remote_id text NOT NULL,
  experiment_id text,
  artifact_uri text,
  PRIMARY KEY (kind, local_key)
);

-- One row: tells the entries of this database from those of another one that reports to the same server.
CREATE TABLE signalbox.tracking_outbox (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  outbox_id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO signalbox.tracking_outbox DEFAULT VALUES;

-- Down Migration

DROP TABLE signalbox.tracking_outbox;
DROP TABLE signalbox.tracking_identifiers;
DROP TABLE signalbox.tracking_entries;

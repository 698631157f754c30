-- Up Migration

-- Who may sign in. Without a password hash a one-time link is the only way in.
CREATE TABLE signalbox.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  role text NOT NULL CHECK (role IN ('admin', 'operator', 'trader', 'viewer', 'strategy')),
  password_hash text,
  -- The sessions that may be seen and acted on; null for all.
  sessions text[],
  preferences jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  disabled_at timestamptz
);
CREATE UNIQUE INDEX users_name ON signalbox.users (lower(name));

-- Links that let a user choose a password once. The secret itself is nowhere.
CREATE TABLE signalbox.one_time_links (
  hash text PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES signalbox.users (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);

-- A sign-in and all refresh tokens that follow from it: they end together.
CREATE TABLE signalbox.sign_ins (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES signalbox.users (id) ON DELETE CASCADE,
  began_at timestamptz NOT NULL,
  address text NOT NULL,
  ended_at timestamptz,
  ended_for text
);
CREATE INDEX sign_ins_user ON signalbox.sign_ins (user_id) WHERE ended_at IS NULL;

CREATE TABLE signalbox.refresh_tokens (
  hash text PRIMARY KEY,
  sign_in_id bigint NOT NULL REFERENCES signalbox.sign_ins (id) ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX refresh_tokens_sign_in ON signalbox.refresh_tokens (sign_in_id);

-- What was tried in vain, by whom is said to have tried and from where.
CREATE TABLE signalbox.sign_in_failures (
  who text NOT NULL,
  at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_who ON signalbox.sign_in_failures (who, at);

-- Tokens for programs: only their hash is kept.
CREATE TABLE signalbox.api_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  hash text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('admin', 'operator', 'trader', 'viewer', 'strategy')),
  sessions text[],
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);

-- What signs short tokens; every process that serves reads the same.
CREATE TABLE signalbox.signing_keys (
  id smallint PRIMARY KEY CHECK (id = 1),
  secret bytea NOT NULL
);

-- Answers to what changes something, so that what is asked twice is done once.
CREATE TABLE signalbox.idempotency_keys (
  client text NOT NULL,
  key text NOT NULL,
  asked text NOT NULL,
  asked_at timestamptz NOT NULL,
  status integer,
  answer text,
  PRIMARY KEY (client, key)
);
CREATE INDEX idempotency_keys_age ON signalbox.idempotency_keys (asked_at);

-- Down Migration

DROP TABLE signalbox.idempotency_keys;
DROP TABLE signalbox.signing_keys;
DROP TABLE signalbox.api_tokens;
DROP TABLE signalbox.sign_in_failures;
DROP TABLE signalbox.refresh_tokens;
DROP TABLE signalbox.sign_ins;
DROP TABLE signalbox.one_time_links;
DROP TABLE signalbox.users;

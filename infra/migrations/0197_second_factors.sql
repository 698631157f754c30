-- Up Migration

-- What makes a user's codes (RFC 6238). It counts once a code of it has been given.
CREATE TABLE signalbox.second_factors (
  user_id bigint PRIMARY KEY REFERENCES signalbox.users (id) ON DELETE CASCADE,
  -- Sealed with a key that is not here, or in clear where there is none: the text says which.
  secret text NOT NULL,
  begun_at timestamptz NOT NULL,
  confirmed_at timestamptz,
  -- The step of 30 seconds of the last code that was taken: none of it or before is taken again.
  last_step bigint
);

-- Codes for whoever has lost the device, each good once.
CREATE TABLE signalbox.recovery_codes (
  user_id bigint NOT NULL REFERENCES signalbox.second_factors (user_id) ON DELETE CASCADE,
  hash text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

-- Roles whose users do nothing before they have a second factor.
CREATE TABLE signalbox.second_factor_roles (
  role text PRIMARY KEY CHECK (role IN ('admin', 'operator', 'trader', 'viewer', 'strategy'))
);

-- The user whose token it is: it never does more than they may. Null for those of the service.
ALTER TABLE signalbox.api_tokens ADD COLUMN owner_id bigint REFERENCES signalbox.users (id) ON DELETE CASCADE;
CREATE INDEX api_tokens_owner ON signalbox.api_tokens (owner_id);

-- Down Migration

ALTER TABLE signalbox.api_tokens DROP COLUMN owner_id;
DROP TABLE signalbox.second_factor_roles;
DROP TABLE signalbox.recovery_codes;
DROP TABLE signalbox.second_factors;

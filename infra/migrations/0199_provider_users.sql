-- Up Migration

-- Who a user is at the identity provider: issuer and subject. Null for one who has never come from there.
ALTER TABLE signalbox.users ADD COLUMN provider_subject text UNIQUE;

-- Down Migration

ALTER TABLE signalbox.users DROP COLUMN provider_subject;

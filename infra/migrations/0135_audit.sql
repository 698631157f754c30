-- Up Migration

-- Who did what, why and when: entries are only ever added, and each holds the hash of the one before it. Sessions may go, what was done to
-- them stays.
CREATE TABLE signalbox.audit_entries (
  position bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  actor_kind text NOT NULL CHECK (actor_kind IN ('operator', 'strategy', 'system')),
  actor text NOT NULL,
  action text NOT NULL,
  session_id text,
  reason text NOT NULL,
  -- JSON, byte for byte as it was hashed.
  details text NOT NULL,
  previous text NOT NULL,
  hash text NOT NULL
);
CREATE INDEX audit_entries_session ON signalbox.audit_entries (session_id, position);
CREATE INDEX audit_entries_cuts ON signalbox.audit_entries (position) WHERE action = 'audit-cut';

-- Gives an entry its place, its moment and its hash. Writers wait for each other until they commit, so that there is one chain without a gap.
CREATE FUNCTION signalbox.chain_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_position bigint;
  last_hash text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('signalbox.audit_entries', 0));
  SELECT position, hash INTO last_position, last_hash FROM signalbox.audit_entries ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last_position, 0) + 1;
  NEW.at := date_trunc('milliseconds', clock_timestamp());
  NEW.previous := coalesce(last_hash, repeat('0', 64));
  SELECT encode(sha256(convert_to(string_agg(coalesce(octet_length(field) || ':' || field, '-'), '' ORDER BY place), 'UTF8')), 'hex')
  INTO NEW.hash
  FROM unnest(ARRAY[
    NEW.previous, NEW.position::text, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    NEW.actor_kind, NEW.actor, NEW.action, NEW.session_id, NEW.reason, NEW.details
  ]) WITH ORDINALITY AS fields (field, place);
  RETURN NEW;
END $$;
CREATE TRIGGER chain_entry BEFORE INSERT ON signalbox.audit_entries
  FOR EACH ROW EXECUTE FUNCTION signalbox.chain_audit_entry();

-- Entries go only where one that stays says so (`audit-cut`), with the hash that the rest goes on from.
CREATE FUNCTION signalbox.keep_audit_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    IF NOT EXISTS (SELECT FROM signalbox.audit_entries) THEN RETURN NULL; END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF EXISTS (
      SELECT FROM signalbox.audit_entries
      WHERE action = 'audit-cut' AND position > OLD.position AND (details::jsonb ->> 'through')::bigint >= OLD.position
    ) THEN RETURN OLD; END IF;
  END IF;
  RAISE EXCEPTION 'entries of the audit are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_entry BEFORE UPDATE OR DELETE ON signalbox.audit_entries
  FOR EACH ROW EXECUTE FUNCTION signalbox.keep_audit_entry();
CREATE TRIGGER keep_entries BEFORE TRUNCATE ON signalbox.audit_entries
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.keep_audit_entry();

-- Down Migration

DROP TABLE signalbox.audit_entries;
DROP FUNCTION signalbox.chain_audit_entry();
DROP FUNCTION signalbox.keep_audit_entry();

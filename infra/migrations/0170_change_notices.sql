-- Up Migration

-- Tells whoever listens that rows of a session have changed, once a statement, session and transaction: what is shown of them is read again.
CREATE FUNCTION signalbox.tell_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  whose text;
BEGIN
  FOR whose IN EXECUTE format('SELECT DISTINCT %I::text FROM changed', TG_ARGV[1]) LOOP
    PERFORM pg_notify('signalbox_changes', json_build_object('channel', TG_ARGV[0], 'session', whose)::text);
  END LOOP;
  RETURN NULL;
END $$;

CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.sessions REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('sessions', 'id');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.sessions REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('sessions', 'id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.session_commands REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('sessions', 'session_id');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.session_commands REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('sessions', 'session_id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.orders REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('orders', 'session_id');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.orders REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('orders', 'session_id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.fills REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('fills', 'session_id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.signals REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('signals', 'session_id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.account_snapshots REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('account', 'session_id');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.account_snapshots REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('account', 'session_id');
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.alerts REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('alerts', 'session_id');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.alerts REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('alerts', 'session_id');

-- Down Migration

DROP TRIGGER tell_inserted ON signalbox.sessions;
DROP TRIGGER tell_updated ON signalbox.sessions;
DROP TRIGGER tell_inserted ON signalbox.session_commands;
DROP TRIGGER tell_updated ON signalbox.session_commands;
DROP TRIGGER tell_inserted ON signalbox.orders;
DROP TRIGGER tell_updated ON signalbox.orders;
DROP TRIGGER tell_inserted ON signalbox.fills;
DROP TRIGGER tell_inserted ON signalbox.signals;
DROP TRIGGER tell_inserted ON signalbox.account_snapshots;
DROP TRIGGER tell_updated ON signalbox.account_snapshots;
DROP TRIGGER tell_inserted ON signalbox.alerts;
DROP TRIGGER tell_updated ON signalbox.alerts;
DROP FUNCTION signalbox.tell_change();

-- Up Migration

-- Orders that work are few: they are looked at, counted and cancelled without a look at those that have ended.
CREATE INDEX orders_working ON signalbox.orders (session_id, sequence)
  WHERE state NOT IN ('CANCELED', 'FILLED', 'REJECTED', 'DENIED', 'EXPIRED');

-- What was refused is told like fills are.
CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.refusals REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('refusals', 'session_id');

-- Down Migration

DROP TRIGGER tell_inserted ON signalbox.refusals;
DROP INDEX signalbox.orders_working;

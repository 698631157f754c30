-- Up Migration

-- Levels of log lines that were set while processes run. They win over the settings; every process hears of a change by the notice.
CREATE TABLE signalbox.log_levels (
  module text NOT NULL,
  -- `*`: every process; `service`, `worker`, `session`: those of a role; `session:ID`: the one that runs this session.
  process text NOT NULL,
  level text NOT NULL CHECK (level IN ('silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace')),
  actor text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (module, process)
);

CREATE TRIGGER tell_inserted AFTER INSERT ON signalbox.log_levels REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('log-levels', 'process');
CREATE TRIGGER tell_updated AFTER UPDATE ON signalbox.log_levels REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('log-levels', 'process');
CREATE TRIGGER tell_deleted AFTER DELETE ON signalbox.log_levels REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION signalbox.tell_change('log-levels', 'process');

-- Down Migration

DROP TABLE signalbox.log_levels;

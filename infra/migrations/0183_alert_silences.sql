-- Up Migration

-- Who has seen an alert, and when a critical one that nobody saw was told again.
ALTER TABLE signalbox.alerts
  ADD COLUMN acknowledged_at timestamptz,
  ADD COLUMN acknowledged_by text,
  ADD COLUMN escalated_at timestamptz;

-- What people do not want to be told of for a while: alerts are recorded all the same. What is null is any.
CREATE TABLE signalbox.alert_silences (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  type text,
  session_id text,
  until timestamptz NOT NULL,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL,
  reason text NOT NULL,
  ended_at timestamptz
);

-- Down Migration

DROP TABLE signalbox.alert_silences;
ALTER TABLE signalbox.alerts DROP COLUMN acknowledged_at, DROP COLUMN acknowledged_by, DROP COLUMN escalated_at;

-- Up Migration

-- What people are to know at once. One of a key is open at a time: what repeats it is counted. Sessions may go, alerts stay.
CREATE TABLE signalbox.alerts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key text NOT NULL,
  type text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  session_id text,
  words text NOT NULL,
  details jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  times integer NOT NULL DEFAULT 1,
  -- When and why it was over; null while it is open.
  resolved_at timestamptz,
  resolution text
);
CREATE UNIQUE INDEX alerts_open ON signalbox.alerts (key) WHERE resolved_at IS NULL;
CREATE INDEX alerts_session ON signalbox.alerts (session_id, id);

-- Messages about alerts on their way to a channel: those of one key in order, each until the channel has taken it.
CREATE TABLE signalbox.alert_deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  alert_id bigint NOT NULL REFERENCES signalbox.alerts (id) ON DELETE CASCADE,
  key text NOT NULL,
  type text NOT NULL,
  channel text NOT NULL,
  -- The whole message as the channel is given it.
  message jsonb NOT NULL,
  attempts integer NOT NULL DEFAULT 0,
  -- Not tried before; and nobody else tries while it is claimed.
  try_at timestamptz NOT NULL,
  claimed_until timestamptz,
  delivered_at timestamptz,
  -- What the channel last failed with.
  answer text
);
CREATE INDEX alert_deliveries_pending ON signalbox.alert_deliveries (channel, key, id) WHERE delivered_at IS NULL;
CREATE INDEX alert_deliveries_recent ON signalbox.alert_deliveries (channel, delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX alert_deliveries_alert ON signalbox.alert_deliveries (alert_id);

-- Down Migration

DROP TABLE signalbox.alert_deliveries;
DROP TABLE signalbox.alerts;

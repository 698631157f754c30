-- Up Migration

-- Over how much of the last while a rule has something measured that is a figure of a while, such as a latency. Null:
-- over that of its metric.
ALTER TABLE signalbox.alert_rules ADD COLUMN window_seconds integer CHECK (window_seconds > 0);

-- Down Migration

ALTER TABLE signalbox.alert_rules DROP COLUMN window_seconds;

-- Up Migration

-- Rules beside those that come with the program, and those that stand in the place of one of these, by its name.
CREATE TABLE signalbox.alert_rules (
  name text PRIMARY KEY,
  metric text NOT NULL,
  above boolean NOT NULL,
  threshold double precision NOT NULL,
  -- It is an alert once it has held for so long.
  for_seconds integer NOT NULL CHECK (for_seconds >= 0),
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  -- Of this session alone; null: of whatever is measured.
  session_id text,
  -- The channels that are told; null: as for every alert.
  channels text[],
  enabled boolean NOT NULL DEFAULT true,
  made_at timestamptz NOT NULL,
  made_by text NOT NULL
);

-- What a rule finds, by what it finds it of: since when, and whether it is an alert by now.
CREATE TABLE signalbox.alert_rule_states (
  rule text NOT NULL,
  subject text NOT NULL,
  -- Who measures it: what is not measured any more is over.
  source text NOT NULL,
  since timestamptz NOT NULL,
  raised boolean NOT NULL DEFAULT false,
  PRIMARY KEY (rule, subject)
);

-- Down Migration

DROP TABLE signalbox.alert_rule_states;
DROP TABLE signalbox.alert_rules;

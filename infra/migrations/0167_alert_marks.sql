-- Up Migration

-- Records of a session's journal whose alerts are stored: what a killed process did not tell of is told by the next one.
CREATE TABLE signalbox.session_alert_marks (
  session_id text PRIMARY KEY REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  records bigint NOT NULL CHECK (records >= 0)
);

-- Down Migration

DROP TABLE signalbox.session_alert_marks;

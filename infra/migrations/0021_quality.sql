-- Up Migration

-- One report per state of a series: `fingerprint` says which bars were looked at.
CREATE TABLE signalbox.quality_reports (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series_id integer NOT NULL REFERENCES signalbox.bar_series (id) ON DELETE CASCADE,
  fingerprint text NOT NULL,
  bars bigint NOT NULL,
  errors integer NOT NULL,
  warnings integer NOT NULL,
  infos integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (series_id, fingerprint)
);

CREATE TABLE signalbox.quality_findings (
  report_id integer NOT NULL REFERENCES signalbox.quality_reports (id) ON DELETE CASCADE,
  check_name text NOT NULL,
  severity text NOT NULL CHECK (severity IN ('info', 'warning', 'error')),
  open_time timestamptz NOT NULL,
  bars integer NOT NULL,
  message text NOT NULL
);
CREATE INDEX quality_findings_of_report ON signalbox.quality_findings (report_id, open_time);

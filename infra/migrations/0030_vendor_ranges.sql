-- Up Migration

-- Which vendor gave which part of a series: opens in [from_time, to_time), written in the transaction that writes the bars.
-- A stretch of another vendor than the series is named after carries the reason.
CREATE TABLE signalbox.vendor_ranges (
  series_id integer NOT NULL REFERENCES signalbox.bar_series (id) ON DELETE CASCADE,
  from_time timestamptz NOT NULL,
  to_time timestamptz NOT NULL,
  vendor text NOT NULL,
  bars bigint NOT NULL,
  because text,
  fetched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (series_id, from_time),
  CHECK (from_time < to_time)
);

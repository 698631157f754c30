-- Up Migration

-- One row per series of bars: what a source says about one symbol in one bar size. `origin` tells apart what a source can make
-- in several ways (a file's path, the settings of a simulation). The last columns describe the bars held and are written in the
-- transaction that writes the bars.
CREATE TABLE signalbox.bar_series (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  source text NOT NULL,
  origin text NOT NULL,
  symbol text NOT NULL,
  timeframe text NOT NULL,
  calendar text NOT NULL,
  asset_class text NOT NULL,
  currency text NOT NULL,
  tick double precision NOT NULL,
  lot double precision NOT NULL,
  sector text,
  source_statement text NOT NULL,
  bar_count bigint NOT NULL DEFAULT 0,
  first_open_time timestamptz,
  last_open_time timestamptz,
  -- SHA-256 of every 4096 bars, one after the other: appending hashes only what is new.
  block_hashes bytea NOT NULL DEFAULT '',
  -- Counts how often bars were changed or put in before the last one: what was computed from them then is stale.
  revision integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (source, origin, symbol, timeframe, calendar)
);

-- Closed bars. Partitions are made on demand, one per calendar year (UTC) of the open.
CREATE TABLE signalbox.bars (
  series_id integer NOT NULL,
  open_time timestamptz NOT NULL,
  close_time timestamptz NOT NULL,
  open double precision NOT NULL,
  high double precision NOT NULL,
  low double precision NOT NULL,
  close double precision NOT NULL,
  volume double precision NOT NULL,
  PRIMARY KEY (series_id, open_time)
) PARTITION BY RANGE (open_time);

-- Bars that a source later reported with other values, or no longer reported, accepted (the store was revised) or not.
CREATE TABLE signalbox.bar_changes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series_id integer NOT NULL REFERENCES signalbox.bar_series (id) ON DELETE CASCADE,
  open_time timestamptz NOT NULL,
  -- close time as epoch milliseconds, open, high, low, close, volume; `offered` is null where the source dropped the bar.
  stored double precision[] NOT NULL,
  offered double precision[],
  accepted boolean NOT NULL,
  detected_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bar_changes_of_series ON signalbox.bar_changes (series_id, detected_at);

-- For dashboards: bars with the words for their series.
CREATE VIEW signalbox.bars_view AS
SELECT b.open_time AS time, s.source, s.origin, s.symbol, s.timeframe, s.sector, b.close_time, b.open, b.high, b.low, b.close, b.volume, b.series_id
FROM signalbox.bars b
JOIN signalbox.bar_series s ON s.id = b.series_id;

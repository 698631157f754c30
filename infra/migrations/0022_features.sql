-- Up Migration

-- Feature sets by the hash of their definition. Their rows are columns of numbers in the order of `columns`.
CREATE TABLE signalbox.feature_sets (
  hash text PRIMARY KEY,
  id integer GENERATED ALWAYS AS IDENTITY UNIQUE,
  name text,
  version integer NOT NULL,
  timeframe text NOT NULL,
  expressions text[] NOT NULL,
  columns text[] NOT NULL,
  warm_up_bars integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What was computed: one set over the bars of one series, or of a whole universe where features compare symbols, from one moment on.
-- `state` is the memory of the computation after `last_close_time`, so that new bars go on from there; it is written in the
-- transaction that writes the rows.
CREATE TABLE signalbox.feature_materializations (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  set_hash text NOT NULL REFERENCES signalbox.feature_sets (hash) ON DELETE CASCADE,
  series_ids integer[] NOT NULL,
  from_time timestamptz NOT NULL DEFAULT '-infinity',
  -- Revisions of the series that the rows were computed from: others mean that the rows are stale.
  revisions integer[] NOT NULL,
  last_close_time timestamptz,
  row_count bigint NOT NULL DEFAULT 0,
  state jsonb,
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (set_hash, series_ids, from_time)
);

-- One row per bar, known at `close_time`; NaN while warming up. Partitions are made on demand, one per calendar year (UTC).
CREATE TABLE signalbox.feature_rows (
  materialization_id integer NOT NULL,
  series_id integer NOT NULL,
  close_time timestamptz NOT NULL,
  values double precision[] NOT NULL,
  PRIMARY KEY (materialization_id, series_id, close_time)
) PARTITION BY RANGE (close_time);

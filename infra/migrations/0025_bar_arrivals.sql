-- Up Migration

-- When bars came into the store, one row per write: with `bar_changes`, what the store said at any earlier moment can be told.
CREATE TABLE signalbox.bar_arrivals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series_id integer NOT NULL REFERENCES signalbox.bar_series (id) ON DELETE CASCADE,
  first_open timestamptz NOT NULL,
  last_open timestamptz NOT NULL,
  -- Opens in epoch milliseconds where other bars stood in between; null: every bar from the first to the last.
  opens double precision[],
  recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bar_arrivals_of_series ON signalbox.bar_arrivals (series_id, recorded_at);

-- Up Migration

-- Splits and cash dividends of a series of raw bars. `value`: new shares per old share, or cash per share held before the ex-date.
-- Kept when corrected: the row that was believed until then gets `superseded_at`.
CREATE TABLE signalbox.corporate_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series_id integer NOT NULL REFERENCES signalbox.bar_series (id) ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('split', 'dividend')),
  ex_date date NOT NULL,
  -- Start of the ex-date in the market's local time: the action applies to bars that open then or later.
  effective_at timestamptz NOT NULL,
  value double precision NOT NULL CHECK (value > 0 AND value < 'Infinity'),
  -- When the market knew; nothing computed for an earlier moment may use the action.
  known_at timestamptz NOT NULL,
  origin text NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  superseded_at timestamptz
);
CREATE UNIQUE INDEX corporate_actions_believed ON signalbox.corporate_actions (series_id, kind, ex_date) WHERE superseded_at IS NULL;

-- Which actions the rows were computed with; empty for raw bars.
ALTER TABLE signalbox.feature_materializations ADD COLUMN adjustment text NOT NULL DEFAULT '';
ALTER TABLE signalbox.feature_materializations DROP CONSTRAINT feature_materializations_set_hash_series_ids_from_time_key;
ALTER TABLE signalbox.feature_materializations ADD UNIQUE (set_hash, series_ids, from_time, adjustment);

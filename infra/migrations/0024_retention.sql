-- Up Migration

-- Bars that opened before this were removed by retention: a source that still has them is asked again when they are wanted.
ALTER TABLE signalbox.bar_series ADD COLUMN dropped_before timestamptz;

-- Rows that closed before this were removed by retention: the materialization is no longer whole.
ALTER TABLE signalbox.feature_materializations ADD COLUMN dropped_before timestamptz;

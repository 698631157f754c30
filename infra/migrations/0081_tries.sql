-- Up Migration

-- The universe that a trial was about, ascending: the promotion gate counts everything tried on overlapping bars of the same universe,
-- whatever the experiment's name and however many bars came since. Empty: not known.
ALTER TABLE signalbox.trials ADD COLUMN symbols text[] NOT NULL DEFAULT '{}';
UPDATE signalbox.trials t SET symbols = ARRAY(
  SELECT entry ->> 'symbol' FROM jsonb_array_elements(coalesce(
    (SELECT plan -> 'series' FROM signalbox.trainings WHERE data_hash = t.data_hash LIMIT 1),
    (SELECT plan -> 'data' -> 'series' FROM signalbox.searches WHERE data_hash = t.data_hash LIMIT 1),
    '[]'
  )) AS entry ORDER BY (entry ->> 'symbol') COLLATE "C"
);
CREATE INDEX trials_of_universe ON signalbox.trials (symbols);

-- Down Migration

DROP INDEX signalbox.trials_of_universe;
ALTER TABLE signalbox.trials DROP COLUMN symbols;

-- Up Migration

-- What objectives and constraints of a search are taken from, so that a search of rules that was stopped does not run its trials
-- again. Null for trials that are not of such a search.
ALTER TABLE signalbox.trials ADD COLUMN figures jsonb;

-- Down Migration

ALTER TABLE signalbox.trials DROP COLUMN figures;

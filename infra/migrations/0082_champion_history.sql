-- Up Migration

-- One version back was all that a rollback knew, so that a second one brought back what the first had taken away. The recorded decisions
-- are the history of champions.
ALTER TABLE signalbox.model_aliases DROP COLUMN previous_version;

-- Down Migration

ALTER TABLE signalbox.model_aliases ADD COLUMN previous_version integer;

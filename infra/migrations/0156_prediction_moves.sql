-- Up Migration

-- What each feature added to a prediction's log-odds of up, as float8 in the order of the model's features, then what
-- each member added as a whole, then what is known without the row; null where that was not kept.
ALTER TABLE signalbox.predictions ADD COLUMN moves bytea;

-- Down Migration

ALTER TABLE signalbox.predictions DROP COLUMN moves;

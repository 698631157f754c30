-- Up Migration

-- An execution is named within its account, and the venue may take it back under the same name.
ALTER TABLE signalbox.fills
  ADD COLUMN account text NOT NULL DEFAULT '',
  ADD COLUMN takes_back boolean NOT NULL DEFAULT false;
UPDATE signalbox.fills SET takes_back = true, execution_id = substr(execution_id, 6)
WHERE execution_id LIKE 'bust/%';
DROP INDEX signalbox.fills_execution;
CREATE UNIQUE INDEX fills_execution ON signalbox.fills (session_id, account, execution_id, takes_back)
WHERE execution_id IS NOT NULL;

-- Down Migration

DROP INDEX signalbox.fills_execution;
UPDATE signalbox.fills SET execution_id = 'bust/' || execution_id WHERE takes_back;
CREATE UNIQUE INDEX fills_execution ON signalbox.fills (session_id, execution_id) WHERE execution_id IS NOT NULL;
ALTER TABLE signalbox.fills DROP COLUMN account, DROP COLUMN takes_back;

-- Up Migration

-- A foreign key is checked for each row: 5 us, four fifths of what 200,000 predictions took to be stored. Whoever writes such rows
-- holds their parent in the same transaction (its fold, its journal batch), so they are never without one; when it is
-- deleted, they go with it.
CREATE FUNCTION signalbox.delete_predictions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM signalbox.predictions WHERE training_hash = OLD.hash;
  RETURN NULL;
END $$;

CREATE FUNCTION signalbox.delete_journal_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM signalbox.signals WHERE session_id = OLD.id;
  DELETE FROM signalbox.refusals WHERE session_id = OLD.id;
  RETURN NULL;
END $$;

ALTER TABLE signalbox.predictions DROP CONSTRAINT predictions_training_hash_fkey;
ALTER TABLE signalbox.signals DROP CONSTRAINT signals_session_id_fkey;
ALTER TABLE signalbox.refusals DROP CONSTRAINT refusals_session_id_fkey;

CREATE TRIGGER predictions_go_too AFTER DELETE ON signalbox.trainings
  FOR EACH ROW EXECUTE FUNCTION signalbox.delete_predictions();
CREATE TRIGGER journal_rows_go_too AFTER DELETE ON signalbox.sessions
  FOR EACH ROW EXECUTE FUNCTION signalbox.delete_journal_rows();

-- Down Migration

DROP TRIGGER journal_rows_go_too ON signalbox.sessions;
DROP TRIGGER predictions_go_too ON signalbox.trainings;
ALTER TABLE signalbox.refusals ADD CONSTRAINT refusals_session_id_fkey
  FOREIGN KEY (session_id) REFERENCES signalbox.sessions(id) ON DELETE CASCADE;
ALTER TABLE signalbox.signals ADD CONSTRAINT signals_session_id_fkey
  FOREIGN KEY (session_id) REFERENCES signalbox.sessions(id) ON DELETE CASCADE;
ALTER TABLE signalbox.predictions ADD CONSTRAINT predictions_training_hash_fkey
  FOREIGN KEY (training_hash) REFERENCES signalbox.trainings(hash) ON DELETE CASCADE;
DROP FUNCTION signalbox.delete_journal_rows();
DROP FUNCTION signalbox.delete_predictions();

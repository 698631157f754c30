-- Up Migration

-- What consumers of a signal need: a name that is a function of what it was made from, its class, the close that it rests on, until when it
-- counts, and why it was not let through. Null in rows from before.
ALTER TABLE signalbox.signals
  ADD COLUMN signal_id text,
  ADD COLUMN strength text,
  ADD COLUMN decided_at timestamptz,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN disagreement double precision,
  ADD COLUMN refused text;

-- Distance between the probabilities of the two members of the ensemble that lie furthest apart; null where that was not noted.
ALTER TABLE signalbox.predictions ADD COLUMN disagreement double precision;
ALTER TABLE signalbox.live_predictions ADD COLUMN disagreement double precision;

-- Down Migration

ALTER TABLE signalbox.live_predictions DROP COLUMN disagreement;
ALTER TABLE signalbox.predictions DROP COLUMN disagreement;
ALTER TABLE signalbox.signals
  DROP COLUMN refused,
  DROP COLUMN disagreement,
  DROP COLUMN expires_at,
  DROP COLUMN decided_at,
  DROP COLUMN strength,
  DROP COLUMN signal_id;

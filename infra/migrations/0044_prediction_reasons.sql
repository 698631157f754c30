-- Up Migration

-- What moved a prediction most, in words, as `models explain` orders it; null for predictions of earlier versions.
ALTER TABLE signalbox.predictions ADD COLUMN reasons text;
ALTER TABLE signalbox.live_predictions ADD COLUMN reasons text;

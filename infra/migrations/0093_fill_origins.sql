-- Up Migration

-- How an execution was learnt of, where the venue did not tell by itself: found by asking, or concluded from a position.
ALTER TABLE signalbox.fills ADD COLUMN origin text;

-- Down Migration

ALTER TABLE signalbox.fills DROP COLUMN origin;

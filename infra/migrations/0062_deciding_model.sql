-- Up Migration

-- Which registered version a signal is of (`name@version`), and how unlike the rows it was trained on its row was: the share of them that
-- lie nearer to their centre. Null for rules.
ALTER TABLE signalbox.signals ADD COLUMN model text;
ALTER TABLE signalbox.signals ADD COLUMN novelty double precision;

-- The model that decided a live close, by its hash, as the registry named it then: a restarted session asks the same one again. Kept when
-- the model is deleted.
ALTER TABLE signalbox.session_bars ADD COLUMN decided_by text;

-- Down Migration

ALTER TABLE signalbox.session_bars DROP COLUMN decided_by;
ALTER TABLE signalbox.signals DROP COLUMN novelty;
ALTER TABLE signalbox.signals DROP COLUMN model;

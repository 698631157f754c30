-- Up Migration

-- Of an account that several strategies share: whose signal, order or fill it is. Null where one strategy has the account.
ALTER TABLE signalbox.signals ADD COLUMN strategy text;
ALTER TABLE signalbox.orders ADD COLUMN strategy text;
ALTER TABLE signalbox.fills ADD COLUMN strategy text;

-- Down Migration

ALTER TABLE signalbox.fills DROP COLUMN strategy;
ALTER TABLE signalbox.orders DROP COLUMN strategy;
ALTER TABLE signalbox.signals DROP COLUMN strategy;

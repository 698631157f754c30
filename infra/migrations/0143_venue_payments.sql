-- Up Migration

-- Payments that a venue takes or gives without an execution: funding between long and short, and what a liquidation cost. Each has the
-- venue's own name, under which a session books it once.
ALTER TABLE signalbox.ledger_entries ADD COLUMN payment_id text;
CREATE UNIQUE INDEX ledger_entries_payment ON signalbox.ledger_entries (session_id, payment_id) WHERE payment_id IS NOT NULL;
ALTER TABLE signalbox.ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE signalbox.ledger_entries ADD CONSTRAINT ledger_entries_kind_check
  CHECK (kind IN ('trade', 'fee', 'dividend', 'split', 'borrow', 'funding', 'interest', 'bust', 'clearance'));

-- Down Migration

DELETE FROM signalbox.ledger_entries WHERE kind = 'clearance';
ALTER TABLE signalbox.ledger_entries DROP CONSTRAINT ledger_entries_kind_check;
ALTER TABLE signalbox.ledger_entries ADD CONSTRAINT ledger_entries_kind_check
  CHECK (kind IN ('trade', 'fee', 'dividend', 'split', 'borrow', 'funding', 'interest', 'bust'));
DROP INDEX signalbox.ledger_entries_payment;
ALTER TABLE signalbox.ledger_entries DROP COLUMN payment_id;

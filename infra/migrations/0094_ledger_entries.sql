-- Up Migration

-- Every booking of cash of a session, to the last decimal: its capital and the sum of the amounts are its cash. What was traded, its
-- fee, dividends, what splits left over, charges for holding, and what a venue took back.
CREATE TABLE signalbox.ledger_entries (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  -- Position of the record in the session's journal that booked it.
  record bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('trade', 'fee', 'dividend', 'split', 'borrow', 'funding', 'interest', 'bust')),
  time timestamptz NOT NULL,
  -- Null: of the account.
  symbol text,
  -- Credited, negative where it was paid.
  amount numeric NOT NULL,
  PRIMARY KEY (session_id, record, kind)
);

-- What was traded before: dividends and splits of then are in the journals alone.
INSERT INTO signalbox.ledger_entries (session_id, record, kind, time, symbol, amount)
SELECT session_id, record, CASE WHEN execution_id LIKE 'bust/%' THEN 'bust' ELSE 'trade' END, time, symbol, -quantity * price
FROM signalbox.fills;
INSERT INTO signalbox.ledger_entries (session_id, record, kind, time, symbol, amount)
SELECT session_id, record, 'fee', time, symbol, -fee FROM signalbox.fills WHERE fee <> 0;

-- Down Migration

DROP TABLE signalbox.ledger_entries;

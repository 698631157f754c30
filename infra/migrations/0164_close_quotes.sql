-- Up Migration

-- The last quote of a symbol that was known when its bar was handed to a live session: a restarted session has the same beside the same bar.
ALTER TABLE signalbox.session_bars
  ADD COLUMN quote_ms double precision,
  ADD COLUMN bid double precision,
  ADD COLUMN ask double precision,
  ADD COLUMN bid_size double precision,
  ADD COLUMN ask_size double precision,
  ADD CONSTRAINT session_bars_quote_whole CHECK (num_nulls(quote_ms, bid, ask, bid_size, ask_size) IN (0, 5));

-- Down Migration

ALTER TABLE signalbox.session_bars
  DROP COLUMN quote_ms,
  DROP COLUMN bid,
  DROP COLUMN ask,
  DROP COLUMN bid_size,
  DROP COLUMN ask_size;

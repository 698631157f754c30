-- Up Migration

-- Orders that rest until a price is reached: `market` takes the next price and has no terms.
ALTER TABLE signalbox.orders
  ADD COLUMN order_type text NOT NULL DEFAULT 'market',
  ADD COLUMN role text,
  ADD COLUMN trigger_price numeric,
  -- Distance a trailing stop keeps from the best price, in units of price, or as a share of it.
  ADD COLUMN trail numeric,
  ADD COLUMN trail_share double precision;

-- Down Migration

ALTER TABLE signalbox.orders
  DROP COLUMN order_type, DROP COLUMN role, DROP COLUMN trigger_price, DROP COLUMN trail, DROP COLUMN trail_share;

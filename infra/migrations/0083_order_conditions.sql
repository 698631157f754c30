-- Up Migration

-- What an order asks for besides its price, and what a venue calls an execution.
ALTER TABLE signalbox.orders
  ADD COLUMN time_in_force text NOT NULL DEFAULT 'gtc',
  ADD COLUMN expires_at timestamptz,
  -- Of a stop-limit order, once it is triggered.
  ADD COLUMN limit_price numeric,
  ADD COLUMN post_only boolean NOT NULL DEFAULT false,
  ADD COLUMN reduce_only boolean NOT NULL DEFAULT false;
ALTER TABLE signalbox.fills ADD COLUMN execution_id text;
CREATE UNIQUE INDEX fills_execution ON signalbox.fills (session_id, execution_id) WHERE execution_id IS NOT NULL;

-- Every change of a working order: what was left to trade, and its prices from then on.
CREATE TABLE signalbox.order_amendments (
  session_id text NOT NULL REFERENCES signalbox.sessions (id) ON DELETE CASCADE,
  record bigint NOT NULL,
  sequence bigint NOT NULL,
  time timestamptz NOT NULL,
  quantity numeric NOT NULL,
  trigger_price numeric,
  limit_price numeric,
  PRIMARY KEY (session_id, record)
);

-- Down Migration

DROP TABLE signalbox.order_amendments;
DROP INDEX signalbox.fills_execution;
ALTER TABLE signalbox.fills DROP COLUMN execution_id;
ALTER TABLE signalbox.orders
  DROP COLUMN time_in_force, DROP COLUMN expires_at, DROP COLUMN limit_price, DROP COLUMN post_only,
  DROP COLUMN reduce_only;

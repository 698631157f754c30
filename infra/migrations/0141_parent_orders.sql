-- Up Migration

-- Orders that others execute, their children, as they began and as they ended: both are written once. Units without a sign.
CREATE TABLE signalbox.parent_orders (
  session_id text NOT NULL REFERENCES signalbox.sessions(id) ON DELETE CASCADE,
  parent bigint NOT NULL,
  -- Place in the session's journal.
  record bigint NOT NULL,
  time timestamptz NOT NULL,
  symbol text NOT NULL,
  side text NOT NULL CHECK (side IN ('buy', 'sell')),
  quantity numeric NOT NULL,
  clipped_by text,
  reduces boolean NOT NULL,
  algorithm text NOT NULL,
  -- As the experiment or the strategy named it.
  rule jsonb NOT NULL,
  -- Price of the decision, and the worst that a child is sent at; null without a bound.
  arrival_price numeric NOT NULL,
  bound_price numeric,
  -- The strategy's own name for it; null for an order of a signal.
  label text,
  strategy text,
  PRIMARY KEY (session_id, parent)
);
CREATE TABLE signalbox.parent_order_ends (
  session_id text NOT NULL REFERENCES signalbox.sessions(id) ON DELETE CASCADE,
  parent bigint NOT NULL,
  record bigint NOT NULL,
  time timestamptz NOT NULL,
  filled numeric NOT NULL,
  given_up numeric NOT NULL,
  -- Why; null where nothing was given up.
  code text,
  PRIMARY KEY (session_id, parent)
);
-- The parent that an order executes a part of; null for most.
ALTER TABLE signalbox.orders ADD COLUMN parent bigint;

-- Down Migration

ALTER TABLE signalbox.orders DROP COLUMN parent;
DROP TABLE signalbox.parent_order_ends;
DROP TABLE signalbox.parent_orders;

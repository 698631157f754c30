-- Up Migration

-- What a user's orders may ask for, before the risk of any session is asked. Null: no bound.
CREATE TABLE signalbox.risk_profiles (
  user_id bigint PRIMARY KEY REFERENCES signalbox.users (id) ON DELETE CASCADE,
  order_value_max numeric CHECK (order_value_max > 0),
  daily_orders_max integer CHECK (daily_orders_max >= 0),
  daily_value_max numeric CHECK (daily_value_max > 0),
  session_capital_max numeric CHECK (session_capital_max > 0),
  symbols text[],
  changed_by text NOT NULL,
  changed_at timestamptz NOT NULL
);

-- What counts against the bounds of a day.
CREATE TABLE signalbox.user_orders (
  user_id bigint NOT NULL REFERENCES signalbox.users (id) ON DELETE CASCADE,
  asked_at timestamptz NOT NULL,
  session_id text NOT NULL,
  symbol text NOT NULL,
  -- Null where no price was known and no bound needed one.
  value numeric
);
CREATE INDEX user_orders_day ON signalbox.user_orders (user_id, asked_at);

-- Down Migration

DROP TABLE signalbox.user_orders;
DROP TABLE signalbox.risk_profiles;

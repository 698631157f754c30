import type pg from 'pg';

type Queryable = Pick<pg.ClientBase, 'query'>;

/** What a user's orders may ask for; null: no bound. Values are in the currency of the symbol. */
export interface RiskProfile {
  readonly orderValueMax: number | null;
  /** Of a day in UTC, as all that follows. */
  readonly dailyOrdersMax: number | null;
  readonly dailyValueMax: number | null;
  /** Of a session that the user starts. */
  readonly sessionCapitalMax: number | null;
  readonly symbols: readonly string[] | null;
}

/** A profile with who set it. */
export interface StoredProfile extends RiskProfile {
  readonly changedBy: string;
  readonly changedAt: Date;
}

/** What a user has asked for since a moment. */
export interface AskedSoFar {
  readonly orders: number;
  readonly value: number;
}

/** Undefined for a user without bounds. */
export async function riskProfileOf(client: Queryable, user: number): Promise<StoredProfile | undefined> {
  const { rows } = await client.query<StoredProfile>(
    `SELECT order_value_max::float8 AS "orderValueMax", daily_orders_max AS "dailyOrdersMax",
       daily_value_max::float8 AS "dailyValueMax", session_capital_max::float8 AS "sessionCapitalMax", symbols,
       changed_by AS "changedBy", changed_at AS "changedAt"
     FROM signalbox.risk_profiles WHERE user_id = $1`,
    [user],
  );
  return rows[0];
}

/** Puts a profile in place of the one before. */
export async function storeRiskProfile(client: Queryable, user: number, profile: StoredProfile): Promise<void> {
  const { orderValueMax, dailyOrdersMax, dailyValueMax, sessionCapitalMax, symbols, changedBy, changedAt } = profile;
  await client.query(
    `INSERT INTO signalbox.risk_profiles
       (user_id, order_value_max, daily_orders_max, daily_value_max, session_capital_max, symbols, changed_by, changed_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (user_id) DO UPDATE SET order_value_max = $2, daily_orders_max = $3, daily_value_max = $4,
       session_capital_max = $5, symbols = $6, changed_by = $7, changed_at = $8`,
    [user, orderValueMax, dailyOrdersMax, dailyValueMax, sessionCapitalMax, symbols, changedBy, changedAt],
  );
}

/** What a user has asked for since a moment. */
export async function askedSince(client: Queryable, user: number, since: Date): Promise<AskedSoFar> {
  const { rows } = await client.query<AskedSoFar>(
    `SELECT count(*)::int AS orders, coalesce(sum(value), 0)::float8 AS value
     FROM signalbox.user_orders WHERE user_id = $1 AND asked_at >= $2`,
    [user, since],
  );
  return rows[0]!;
}

/** An order that a user asks for, as it counts against the bounds of its day. */
export interface UserOrder {
  readonly user: number;
  readonly at: Date;
  readonly session: string;
  readonly symbol: string;
  readonly value: number | null;
}

export async function noteUserOrder(client: Queryable, order: UserOrder): Promise<void> {
  const { user, at, session, symbol, value } = order;
  await client.query(
    'INSERT INTO signalbox.user_orders (user_id, asked_at, session_id, symbol, value) VALUES ($1, $2, $3, $4, $5)',
    [user, at, session, symbol, value],
  );
}

/** Orders of one user are looked at one after the other, in the caller's transaction. */
export async function lockUserOrders(client: Queryable, user: number): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('user orders ' || $1, 0))", [String(user)]);
}

/** What is older than any day that counts is of no use. */
export async function forgetUserOrders(client: Queryable, before: Date): Promise<void> {
  await client.query('DELETE FROM signalbox.user_orders WHERE asked_at < $1', [before]);
}

import type { StrategyShare } from '../../trading/portfolio/strategy-shares.ts';
import type { LedgerEntry, SessionResult } from '../../trading/session-result.ts';

/** Trades of one kind: how many, and what they made net of fees, open ones at their last mark. */
export interface AttributionRow {
  readonly name: string;
  readonly trades: number;
  /** Of the closed ones; null where none was closed. */
  readonly winRate: number | null;
  readonly pnl: number;
  readonly fees: number;
  /** What the winners made over what the losers lost; null where nothing was lost. */
  readonly profitFactor: number | null;
}

/**
 * What came of one strategy of several that share the account: its own trades, which no opposite one of another
 * strategy sets off. Profits, fees, slippage, holding and interest of all add up to those of the account (`cost`).
 */
interface StrategyRow extends AttributionRow {
  readonly slippage: number;
  /** Borrow and funding; earned below 0. */
  readonly holding: number;
  /** Paid on cash; earned below 0. */
  readonly interest: number;
  /** Of the account's profit: of all 1 together; null where the account neither made nor lost anything. */
  readonly share: number | null;
}

/** Ways to split the trades. The rows of each add up to `total`. */
export const ATTRIBUTED = ['symbol', 'side', 'entry', 'exit', 'weekday', 'hour', 'year', 'month', 'regime'] as const;
export type Attributed = (typeof ATTRIBUTED)[number];

/** `attribution` of the result document. */
export interface Attribution extends Readonly<Record<Attributed, readonly AttributionRow[]>> {
  /** Net profit of all trades: what capital became, but for dividends and what is no trade. */
  readonly total: number;
  /** What the session would have made at the prices before costs, what they took, and what was left. */
  readonly cost: {
    readonly gross: number;
    readonly fees: number;
    readonly slippage: number;
    readonly net: number;
    /** What holding cost; what was earned is below 0. */
    readonly borrow: number;
    readonly funding: number;
    readonly interest: number;
  };
  /** Net change of equity that no trade explains: dividends, interest, what a split left over. */
  readonly untraded: number;
  /** Where several strategies share the account, in the order of the experiment: they add up to `cost.net`. */
  readonly strategy?: readonly StrategyRow[];
}

/** What is known of a trade beside its ledger entry. */
export interface TradeContext {
  /** Words of the signal that opened it; null where nobody kept them. */
  entryOf(trade: LedgerEntry): string | null;
  /** State of the market that was known at its entry; null before the first. */
  regimeOf(trade: LedgerEntry): string | null;
}

/** Rows shown of one split; the others are added up in one. */
const ROWS_MAX = 60;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Splits what a session made by what its trades have in common; times are those of entries, in UTC. */
export function attributionOf(
  session: Pick<
    SessionResult,
    'ledger' | 'fees' | 'slippage' | 'initialCapital' | 'equity' | 'financing' | 'strategies'
  >,
  context: TradeContext,
): Attribution {
  const { ledger, fees, slippage } = session;
  const by = (nameOf: (trade: LedgerEntry) => string, sorted: Sorting = 'by profit'): AttributionRow[] =>
    rowsOf(ledger, nameOf, sorted);
  const iso = ({ entryTimeMs }: LedgerEntry): string => new Date(entryTimeMs).toISOString();
  const total = ledger.reduce((sum, { pnl }) => sum + pnl, 0);
  const net = session.equity.at(-1)! - session.initialCapital;
  const { borrow, funding, interest } = session.financing ?? { borrow: 0, funding: 0, interest: 0 };
  const gross = net + fees + slippage + borrow + funding + interest;
  return {
    symbol: by(({ symbol }) => symbol),
    side: by(({ side }) => side),
    entry: by((trade) => context.entryOf(trade) ?? 'unknown'),
    exit: by(({ exit }) => exit ?? 'still open'),
    weekday: by(({ entryTimeMs }) => String(new Date(entryTimeMs).getUTCDay()), 'by name').map((row) => ({
      ...row,
      name: WEEKDAYS[Number(row.name)]!,
    })),
    hour: by((trade) => `${iso(trade).slice(11, 13)}:00`, 'by name'),
    year: by((trade) => iso(trade).slice(0, 4), 'by name'),
    month: by((trade) => iso(trade).slice(5, 7), 'by name'),
    regime: by((trade) => context.regimeOf(trade) ?? 'not told'),
    total,
    cost: { gross, fees, slippage, net, borrow, funding, interest },
    untraded: net - total,
    ...(session.strategies === undefined ? {} : { strategy: strategyRows(session.strategies) }),
  };
}

/** Rows of strategies; of what is nobody's, where anything came of it. */
function strategyRows(shares: readonly StrategyShare[]): StrategyRow[] {
  const seen = shares.filter(({ name, profit, fills }) => name !== null || profit !== 0 || fills > 0);
  return seen.map(({ name, trades, winRate, profit, fees, profitFactor, slippage, holding, interest, share }) => ({
    name: name ?? 'not allocated',
    ...{ trades, winRate, pnl: profit, fees, profitFactor, slippage, holding, interest: 0 - interest, share },
  }));
}

type Sorting = 'by name' | 'by profit';

function rowsOf(
  ledger: readonly LedgerEntry[],
  nameOf: (trade: LedgerEntry) => string,
  sorted: Sorting,
): AttributionRow[] {
  const groups = new Map<string, LedgerEntry[]>();
  for (const trade of ledger) {
    const name = nameOf(trade);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [trade]);
    else group.push(trade);
  }
  const rows = [...groups].map(([name, trades]) => ({ row: rowOf(name, trades), trades }));
  if (sorted === 'by name') rows.sort((a, b) => (a.row.name < b.row.name ? -1 : 1));
  else rows.sort((a, b) => b.row.pnl - a.row.pnl || (a.row.name < b.row.name ? -1 : 1));
  if (rows.length <= ROWS_MAX) return rows.map(({ row }) => row);
  // The best and the worst stay by themselves.
  const half = (ROWS_MAX - 1) >> 1;
  const rest = rows.slice(half, -half).flatMap(({ trades }) => trades);
  const others = rowOf(`${rows.length - 2 * half} others`, rest);
  return [...rows.slice(0, half).map(({ row }) => row), others, ...rows.slice(-half).map(({ row }) => row)];
}

function rowOf(name: string, trades: readonly LedgerEntry[]): AttributionRow {
  let [closed, wins, won, lost, pnl, fees] = [0, 0, 0, 0, 0, 0];
  for (const trade of trades) {
    pnl += trade.pnl;
    fees += trade.fees;
    if (trade.exitTimeMs === null) continue;
    closed++;
    if (trade.pnl > 0) {
      wins++;
      won += trade.pnl;
    } else lost -= trade.pnl;
  }
  return {
    name,
    trades: trades.length,
    winRate: closed === 0 ? null : wins / closed,
    pnl,
    fees,
    profitFactor: lost > 0 ? won / lost : null,
  };
}

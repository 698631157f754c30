import { isSet } from '../../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { Instrument } from '../../../features/instrument.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';

/** A position as the books have it; money in the account's currency. */
export interface BookedPosition {
  readonly symbol: string;
  /** Null where the instrument names none. */
  readonly sector: string | null;
  /** Signed units. */
  readonly quantity: number;
  readonly averagePrice: number;
  /** The last mark. */
  readonly price: number;
  /** Signed. */
  readonly value: number;
  readonly unrealised: number;
  /** Of what was closed in the symbol before, net of fees. */
  readonly realised: number;
  /** Whose units they are, where several strategies share the account. */
  readonly strategies: readonly { readonly name: string | null; readonly quantity: number }[];
}

/** What a strategy has of the account. */
interface BookedStrategy {
  /** Null for the part that is nobody's. */
  readonly name: string | null;
  readonly equity: number;
  readonly cash: number;
  /** Sum of the absolute values of its positions. */
  readonly exposure: number;
  readonly realised: number;
  readonly unrealised: number;
}

/** The sums of an account at a moment of the market; money in the account's currency. */
export interface BookedSums {
  readonly cash: number;
  readonly equity: number;
  /** Sums of position values: absolute ones, and signed ones. */
  readonly gross: number;
  readonly net: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly fees: number;
}

/** The account of a session as its books have it at a moment of the market; money in the account's currency. */
export interface SessionBooks extends BookedSums {
  /** What equity may hold, in multiples of itself. */
  readonly leverageMax: number;
  /** What maintenance margin asks of equity, as a share of the positions; null without credit. */
  readonly maintenance: number | null;
  readonly fills: number;
  /** Equity at the last mark of the trading day before; the first mark of all where there is none. */
  readonly dayStartEquity: number;
  readonly positions: readonly BookedPosition[];
  readonly strategies: readonly BookedStrategy[];
}

/** What the books of a session are taken from. */
export interface BookedAccount {
  readonly portfolio: Portfolio;
  readonly instruments: readonly Instrument[];
  readonly limits: Pick<RiskLimits, 'margin'>;
  /** Of the one strategy that has the account. */
  readonly strategy: string;
  /** Trading day of a mark. */
  readonly dayOf: (timeMs: number) => number;
}

/** The sums of an account as it stands. */
export function sumsOf({ open, cash, quantity, price, averagePrice, realised, fees }: Portfolio): BookedSums {
  let [gross, net, unrealised] = [0, 0, 0];
  for (let at = 0; at < open.count; at++) {
    const symbol = open.symbols[at]!;
    const value = quantity[symbol]! * price[symbol]!;
    gross += Math.abs(value);
    net += value;
    unrealised += quantity[symbol]! * (price[symbol]! - averagePrice[symbol]!);
  }
  const all = realised.reduce((sum, one) => sum + one, 0);
  return { cash, equity: cash + net, gross, net, realised: all, unrealised, fees };
}

/** The account as it stands. Positions by symbol; what is not held is left out. */
export function booksOf({ portfolio, instruments, limits, strategy, dayOf }: BookedAccount): SessionBooks {
  const { open, shares } = portfolio;
  const held = Array.from(open.symbols.subarray(0, open.count));
  const positions = held.map((symbol): BookedPosition => {
    const [quantity, price, averagePrice] = [
      portfolio.quantity[symbol]!,
      portfolio.price[symbol]!,
      portfolio.averagePrice[symbol]!,
    ];
    const { symbol: name, sector } = instruments[symbol]!;
    return {
      symbol: name,
      sector,
      quantity,
      averagePrice,
      price,
      value: quantity * price,
      unrealised: quantity * (price - averagePrice),
      realised: portfolio.realised[symbol]!,
      strategies: (shares?.parts ?? [])
        .map((part) => ({ name: part.owner?.name ?? null, quantity: part.quantity[symbol]! }))
        .filter((part) => part.quantity !== 0),
    };
  });
  positions.sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  const sums = sumsOf(portfolio);
  const { equity, cash, gross, realised, unrealised } = sums;
  const whole = { name: strategy, equity, cash, exposure: gross, realised, unrealised };
  return {
    ...sums,
    leverageMax: portfolio.buyingPower,
    maintenance: isSet(limits.margin) ? limits.margin.maintenance : null,
    fills: portfolio.fills,
    dayStartEquity: dayStart(portfolio, dayOf),
    positions,
    strategies: strategiesOf(portfolio) ?? [whole],
  };
}

/** What each strategy that shares the account has; null where one has it all. A part that is empty is left out. */
function strategiesOf({ shares, price }: Portfolio): BookedStrategy[] | null {
  if (shares === null) return null;
  return shares.parts
    .map((part) => {
      const held = Array.from(part.open.symbols.subarray(0, part.open.count));
      return {
        name: part.owner?.name ?? null,
        equity: shares.equityOf(part),
        cash: part.cash,
        exposure: held.reduce((all, symbol) => all + Math.abs(part.quantity[symbol]! * price[symbol]!), 0),
        realised: part.lots.realised,
        unrealised: shares.unrealisedOf(part),
      };
    })
    .filter(({ name, equity, realised }) => name !== null || equity !== 0 || realised !== 0);
}

/** Equity at the last mark of an earlier trading day: marks of a day lie together at the end of the curve. */
function dayStart({ curve, equity: now }: Portfolio, dayOf: (timeMs: number) => number): number {
  const [times, equity] = [curve.timeMs(), curve.equity()];
  if (times.length === 0) return now;
  const today = dayOf(times.at(-1)!);
  for (let row = times.length - 1; row >= 0; row--) if (dayOf(times[row]!) !== today) return equity[row]!;
  return equity[0]!;
}

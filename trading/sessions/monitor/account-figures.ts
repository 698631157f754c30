import type { AccountSnapshot, VenueWord } from './account-store.ts';
import type { SessionBooks } from './session-books.ts';

/** What is held of something: of a symbol, a strategy, a sector. Money in the account's currency. */
export interface Exposure {
  readonly name: string;
  /** Sum of absolute position values. */
  readonly gross: number;
  readonly net: number;
  /** `gross` as a share of equity; null where that is not above 0. */
  readonly share: number | null;
}

/** The account as its books have it, in figures. Ratios are fractions; null where equity is not above 0. */
export interface AccountFigures {
  readonly asOf: Date;
  readonly cash: number;
  readonly equity: number;
  /** What may still be opened: equity times what it may hold, less what it holds. */
  readonly buyingPower: number;
  readonly realised: number;
  readonly unrealised: number;
  readonly dayPnl: number;
  readonly dayReturn: number | null;
  readonly fees: number;
  readonly gross: number;
  readonly net: number;
  /** Sum of absolute positions over equity, and what it may be. */
  readonly leverage: number | null;
  readonly leverageMax: number;
  /** Initial margin that the positions take, and that as a share of equity. */
  readonly marginUsed: number;
  readonly marginRatio: number | null;
  /** Below this equity margin is called; null without credit. */
  readonly maintenanceMargin: number | null;
  readonly symbols: readonly Exposure[];
  readonly strategies: readonly Exposure[];
  readonly sectors: readonly Exposure[];
}

/** The same account on the venue's word; null where the venue does not say. */
export interface VenueFigures {
  readonly venue: string;
  readonly account: string;
  readonly asOf: Date;
  readonly currency: string;
  readonly cash: number;
  readonly equity: number;
  readonly buyingPower: number | null;
  readonly unrealised: number | null;
  readonly dayPnl: number | null;
  readonly gross: number | null;
  readonly leverage: number | null;
  readonly initialMargin: number | null;
  readonly maintenanceMargin: number | null;
  readonly marginRatio: number | null;
  /** Why nothing can be traded there, in words. */
  readonly blocks: readonly string[];
  /** What the venue holds on margin of its own reckoning; empty where it says nothing of that. */
  readonly margined: readonly MarginedPosition[];
}

/** A position with what the venue asks for it. */
interface MarginedPosition {
  readonly symbol: string;
  readonly quantity: number;
  readonly averagePrice: number;
  readonly value: number | null;
  readonly unrealised: number | null;
  readonly maintenanceMargin: number | null;
  /** Where the venue would close it; null where no price would make it do so. */
  readonly liquidationPrice: number | null;
}

const NO_SECTOR = 'none';
const NOBODY = 'nobody';

/** The figures of a snapshot; null where the books have not been told yet. */
export function accountFigures({ books, booksAt }: Pick<AccountSnapshot, 'books' | 'booksAt'>): AccountFigures | null {
  if (books === null || booksAt === null) return null;
  const { cash, equity, gross, net, leverageMax, maintenance, realised, unrealised, fees, dayStartEquity } = books;
  const ofEquity = (value: number): number | null => (equity > 0 ? value / equity : null);
  const dayPnl = equity - dayStartEquity;
  const marginUsed = gross / leverageMax;
  return {
    asOf: booksAt,
    cash,
    equity,
    buyingPower: Math.max(0, equity * leverageMax - gross),
    realised,
    unrealised,
    dayPnl,
    dayReturn: dayStartEquity > 0 ? dayPnl / dayStartEquity : null,
    fees,
    gross,
    net,
    leverage: ofEquity(gross),
    leverageMax,
    marginUsed,
    marginRatio: ofEquity(marginUsed),
    maintenanceMargin: maintenance === null ? null : gross * maintenance,
    ...exposures(books),
  };
}

function exposures(books: SessionBooks): Pick<AccountFigures, 'symbols' | 'strategies' | 'sectors'> {
  const { positions, strategies, equity } = books;
  const held = (name: string, gross: number, net: number): Exposure => {
    return { name, gross, net, share: equity > 0 ? gross / equity : null };
  };
  const sectors = [...new Set(positions.map(({ sector }) => sector ?? NO_SECTOR))].sort();
  return {
    symbols: positions.map(({ symbol, value }) => held(symbol, Math.abs(value), value)),
    strategies: strategies.map(({ name, exposure, equity: own, cash }) => held(name ?? NOBODY, exposure, own - cash)),
    sectors: sectors.map((name) => {
      const own = positions.filter(({ sector }) => (sector ?? NO_SECTOR) === name).map(({ value }) => value);
      const gross = own.reduce((sum, value) => sum + Math.abs(value), 0);
      return held(
        name,
        gross,
        own.reduce((sum, value) => sum + value, 0),
      );
    }),
  };
}

/** What the venue last said, in figures; null where it has said nothing yet. */
export function venueFigures({ venue, venueAt }: Pick<AccountSnapshot, 'venue' | 'venueAt'>): VenueFigures | null {
  if (venue === null || venueAt === null) return null;
  const { account, positions } = venue;
  const given = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  const [equity, lastEquity, initialMargin] = [
    Number(account.equity),
    given(account.lastEquity),
    given(account.initialMargin),
  ];
  const gross = grossAt(account, positions);
  return {
    venue: venue.venue,
    account: account.number ?? account.id,
    asOf: venueAt,
    currency: account.currency,
    cash: Number(account.cash),
    equity,
    buyingPower: given(account.buyingPower),
    unrealised: summed(positions.map(({ unrealised }) => unrealised)),
    dayPnl: lastEquity === null ? null : equity - lastEquity,
    gross,
    leverage: gross === null || !(equity > 0) ? null : gross / equity,
    initialMargin,
    maintenanceMargin: given(account.maintenanceMargin),
    marginRatio: initialMargin === null || !(equity > 0) ? null : initialMargin / equity,
    blocks: account.blocks,
    margined: positions.flatMap(({ symbol, quantity, price: averagePrice, ...more }) => {
      const { value = null, unrealised = null, maintenanceMargin = null, liquidationPrice = null } = more;
      if (maintenanceMargin === null && liquidationPrice === null) return [];
      return [{ symbol, quantity, averagePrice, value, unrealised, maintenanceMargin, liquidationPrice }];
    }),
  };
}

function grossAt({ longValue, shortValue }: VenueWord['account'], positions: VenueWord['positions']): number | null {
  if (longValue !== undefined) return Number(longValue) + Math.abs(Number(shortValue ?? 0));
  return summed(positions.map(({ value }) => (value === undefined ? undefined : Math.abs(value))));
}

/** Null where one of them is not known. */
function summed(values: readonly (number | undefined)[]): number | null {
  return values.reduce<number | null>((sum, one) => (sum === null || one === undefined ? null : sum + one), 0);
}

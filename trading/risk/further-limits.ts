import { requireKnownSymbols } from '../known-symbols.ts';
import { isSet } from '../../models/experiment/limits-schema.ts';
import type { RiskLimits } from '../../models/experiment/experiment.ts';
import { correlationOf, returnsBeside } from './returns-beside.ts';
import type { Opening, OpeningContext } from './opening.ts';
import { TailRisk } from './tail-risk.ts';
import type { TightestLimit } from './tightest-limit.ts';

type SymbolLimits = NonNullable<RiskLimits['symbols']>[string];
type GroupLimits = Omit<NonNullable<RiskLimits['groups']>[string], 'symbols'>;

interface Group extends GroupLimits {
  readonly members: ReadonlySet<number>;
}

/** Keys of the limits that are looked at here. */
const KEYS = [
  'positionNotional',
  'orderNotional',
  'grossExposureNotional',
  'sectorExposureNotional',
  'netExposureFraction',
  'netExposureNotional',
  'concentration',
  'symbols',
  'groups',
  'correlation',
  'valueAtRisk',
  'expectedShortfall',
  'leverage',
] as const satisfies readonly (keyof RiskLimits)[];

/** The limits beside those of the named sets. Sums go over what is held or works, never over the universe. */
export class FurtherLimits {
  /** The least share of equity, and the least money, of those that are limits on sums of positions. */
  readonly leastShare: number;
  readonly leastMoney: number;
  readonly #options: OpeningContext;
  /** By symbol; undefined where it has none. */
  readonly #bySymbol: readonly (SymbolLimits | undefined)[];
  readonly #groups: readonly Group[];
  readonly #tail: TailRisk | null;

  /** Null where none of them is on. InputError for a symbol that the session does not trade. */
  static of(options: OpeningContext): FurtherLimits | null {
    return KEYS.some((key) => isSet(options.limits[key])) ? new FurtherLimits(options) : null;
  }

  private constructor(options: OpeningContext) {
    const { limits, instruments } = options;
    this.#options = options;
    const names = instruments.map(({ symbol }) => symbol);
    const bySymbol = limits.symbols ?? {};
    requireKnownSymbols(names, Object.keys(bySymbol), 'limits.symbols');
    this.#bySymbol = names.map((name) => (Object.hasOwn(bySymbol, name) ? bySymbol[name] : undefined));
    this.#groups = Object.entries(limits.groups ?? {}).map(([name, { symbols, ...group }]) => {
      requireKnownSymbols(names, symbols, `limits.groups.${name}`);
      return { ...group, members: new Set(symbols.map((symbol) => names.indexOf(symbol))) };
    });
    this.#tail = TailRisk.of(options);
    const shares = [limits.netExposureFraction, limits.concentration?.fraction, limits.correlation?.exposureFraction];
    const groupShares = this.#groups.map((group) => group.exposureFraction);
    this.leastShare = least([...shares, limits.leverage, ...groupShares]);
    const amounts = [limits.grossExposureNotional, limits.netExposureNotional, limits.sectorExposureNotional];
    this.leastMoney = least([...amounts, ...this.#groups.map((group) => group.exposureNotional)]);
  }

  /** @param far sums of positions are far from every limit on them */
  tighten(tightest: TightestLimit, opening: Opening, far: boolean): void {
    const { symbol, held } = opening;
    const { positionNotional, orderNotional } = this.#options.limits;
    if (isSet(positionNotional)) tightest.money('position-amount', positionNotional, 0);
    if (isSet(orderNotional)) tightest.money('order-amount', orderNotional, -held);
    const own = this.#bySymbol[symbol];
    if (own !== undefined) tightenSymbol(tightest, own, held);
    if (!far) this.#tightenSums(tightest, opening);
    this.#tail?.tighten(tightest, opening);
  }

  #tightenSums(tightest: TightestLimit, { symbol, side }: Opening): void {
    const { limits, reservations, sector } = this.#options;
    const { others, sectorOthers } = reservations;
    const { leverage, grossExposureNotional, sectorExposureNotional, netExposureFraction, netExposureNotional } =
      limits;
    if (isSet(leverage)) tightest.share('leverage', leverage, others);
    if (isSet(grossExposureNotional)) tightest.money('gross-amount', grossExposureNotional, others);
    if (isSet(sectorExposureNotional) && sector[symbol]! >= 0) {
      tightest.money('sector-amount', sectorExposureNotional, sectorOthers);
    }
    if (isSet(netExposureFraction) || isSet(netExposureNotional)) {
      const net = this.#netOthers(symbol, side);
      if (isSet(netExposureFraction)) tightest.share('net-exposure', netExposureFraction, net);
      if (isSet(netExposureNotional)) tightest.money('net-amount', netExposureNotional, net);
    }
    for (const group of this.#groups) if (group.members.has(symbol)) this.#tightenGroup(tightest, symbol, group);
    if (isSet(limits.concentration)) this.#tightenLargest(tightest, symbol, limits.concentration);
    if (isSet(limits.correlation)) this.#tightenCorrelated(tightest, { symbol, side }, limits.correlation);
  }

  /** Other positions less those of the other side, at the worst for `side` that working orders may bring. */
  #netOthers(symbol: number, side: 1 | -1): number {
    let net = 0;
    this.#options.reservations.eachOther(symbol, (_, high, low) => (net += side > 0 ? high : -low));
    return net;
  }

  #tightenGroup(tightest: TightestLimit, symbol: number, { members, exposureFraction, exposureNotional }: Group): void {
    let used = 0;
    this.#options.reservations.eachOther(symbol, (other, high, low) => {
      if (members.has(other)) used += Math.max(high, -low);
    });
    if (isSet(exposureFraction)) tightest.share('group-exposure', exposureFraction, used);
    if (isSet(exposureNotional)) tightest.money('group-amount', exposureNotional, used);
  }

  /** A position that is not among the largest adds nothing to them. */
  #tightenLargest(
    tightest: TightestLimit,
    symbol: number,
    { positions, fraction }: { readonly positions: number; readonly fraction: number },
  ): void {
    const sizes: number[] = [];
    this.#options.reservations.eachOther(symbol, (_, high, low) => sizes.push(Math.max(high, -low)));
    sizes.sort((a, b) => b - a);
    const used = sizes.slice(0, positions - 1).reduce((sum, size) => sum + size, 0);
    const smallest = sizes[positions - 1] ?? 0;
    tightest.share('concentration', fraction, Math.min(used, fraction * this.#options.portfolio.equity - smallest));
  }

  #tightenCorrelated(
    tightest: TightestLimit,
    { symbol, side }: Pick<Opening, 'symbol' | 'side'>,
    { above, bars, exposureFraction }: NonNullable<RiskLimits['correlation']>,
  ): void {
    const { reservations, seen } = this.#options;
    const { view } = seen[symbol]!;
    const own = returnsBeside(seen[symbol]!, view, bars);
    let used = 0;
    reservations.eachOther(symbol, (other, high, low) => {
      const returns = own === null ? null : returnsBeside(seen[other]!, view, bars);
      // What is not known is taken to go together with everything.
      const together = returns === null ? NaN : correlationOf(own!, returns);
      const long = Number.isNaN(together) || together * side > above;
      const short = Number.isNaN(together) || -together * side > above;
      used += Math.max(long ? high : 0, short ? -low : 0);
    });
    tightest.share('correlation', exposureFraction, used);
  }
}

function tightenSymbol(tightest: TightestLimit, own: SymbolLimits, held: number): void {
  if (isSet(own.positionFraction)) tightest.share('symbol-position', own.positionFraction, 0);
  if (isSet(own.positionNotional)) tightest.money('symbol-amount', own.positionNotional, 0);
  if (isSet(own.orderNotional)) tightest.money('order-amount', own.orderNotional, -held);
}

function least(values: readonly (number | null | undefined)[]): number {
  return Math.min(Infinity, ...values.map((value) => value ?? Infinity));
}

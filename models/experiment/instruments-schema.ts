import { z } from 'zod';
import type { Instrument } from '../../features/instrument.ts';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';

const positive = z.number().positive();

const tickLevels = z
  .array(z.strictObject({ from: z.number().min(0), tick: positive }))
  .min(1)
  .refine(
    (levels) => levels[0]!.from === 0 && levels.every(({ from }, at) => at === 0 || from > levels[at - 1]!.from),
    'must ascend in `from`, the first from 0',
  );

/** What is traded under a symbol, and what its venue takes; `*` is every symbol that is not named. */
const row = z
  .strictObject({
    symbol: z.string().min(1),
    /** False: nothing is opened in it. */
    enabled: z.boolean().optional(),
    assetClass: z.enum(['index', 'equity', 'crypto', 'simulated']).optional(),
    currency: z.string().min(1).optional(),
    sector: z.string().min(1).optional(),
    /** Price step, or price steps by price level, in currency. */
    tick: z.union([positive, tickLevels]).optional(),
    /** Quantity step, in units. */
    lot: positive.optional(),
    /** Least and most of one order that opens, in units, and the least in currency. */
    minimumQuantity: positive.optional(),
    maximumQuantity: positive.optional(),
    minimumNotional: positive.optional(),
    /** Share of the last price by which a limit may be away from it. */
    band: positive.optional(),
  })
  .refine(({ minimumQuantity = 0, maximumQuantity = Infinity }) => minimumQuantity <= maximumQuantity, {
    path: ['maximumQuantity'],
    message: 'must not be below minimumQuantity',
  });

/** A table of instruments, a row per symbol. */
export const instrumentsSchema = z
  .array(row)
  .min(1)
  .refine((rows) => new Set(rows.map(({ symbol }) => symbol)).size === rows.length, 'names a symbol twice');

export type InstrumentTable = z.output<typeof instrumentsSchema>;

/**
 * Instruments as a table has them: what a row does not say stays. InputError where it names none of them: a table of
 * other symbols would do nothing.
 */
export function asTabled(instruments: readonly Instrument[], table: InstrumentTable | undefined): Instrument[] {
  if (table === undefined) return [...instruments];
  const rowOf = (symbol: string): InstrumentTable[number] | undefined =>
    table.find((one) => one.symbol === symbol) ?? table.find((one) => one.symbol === '*');
  if (instruments.every(({ symbol }) => rowOf(symbol) === undefined)) {
    const named = table.map(({ symbol }) => symbol).join(', ');
    throw new InputError(
      `The table of instruments has ${named}, and none of them is traded.`,
      `Name ${instruments.map(({ symbol }) => symbol).join(', ')}, or * for all.`,
    );
  }
  requireNoSlip(
    table,
    instruments.map(({ symbol }) => symbol),
  );
  return instruments.map((instrument) => tabled(instrument, rowOf(instrument.symbol)));
}

/** A table may hold more than is traded; a row that is nearly a symbol without one was meant for it. */
function requireNoSlip(table: InstrumentTable, traded: readonly string[]): void {
  const named = new Set(table.map(({ symbol }) => symbol));
  if (named.has('*')) return;
  const without = traded.filter((symbol) => !named.has(symbol));
  for (const symbol of named) {
    if (traded.includes(symbol)) continue;
    const meant = nearestName(symbol, without, symbol.length < 4 ? 1 : 2);
    if (meant === null) continue;
    throw new InputError(
      `The table of instruments names ${symbol}, which is not traded, and ${meant} has no row.`,
      `Write ${meant} where it is meant; if not, give ${meant} a row of its own.`,
    );
  }
}

function tabled(instrument: Instrument, told: InstrumentTable[number] | undefined): Instrument {
  if (told === undefined) return instrument;
  const { symbol: _, tick, enabled, minimumQuantity, maximumQuantity, minimumNotional, band, ...rest } = told;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const ticks = typeof tick === 'number' ? [{ from: 0, tick }] : tick;
  const coarsest = ticks === undefined ? {} : { tick: Math.max(...ticks.map((level) => level.tick)) };
  const rules = { ticks, enabled, minimumQuantity, maximumQuantity, minimumNotional, band };
  const ruled = Object.values(rules).some((value) => value !== undefined);
  return { ...instrument, ...given, ...coarsest, ...(ruled ? { rules } : {}) };
}

import { InputError } from '../../../infra/errors.ts';
import type { BarColumns } from '../../../features/bar.ts';
import { sliceBarColumns } from '../../../features/bar.ts';
import { calendarNamed } from '../../calendars/calendar-named.ts';
import { parseDay } from '../../calendars/day.ts';
import type { DataOptions } from '../../data-options.ts';
import { simulatedSymbol } from '../named-universe.ts';
import type { BarSource } from '../bar-source.ts';
import { SIMULATED_SECTORS, SIMULATED_TICK, simulateBars } from './simulated-market.ts';

/** Where simulated series begin unless `data.from` says otherwise. */
const DEFAULT_START = '2010-01-04';

function indexOf(symbol: string): number {
  const number = Number(/^SIM(\d{3,5})$/.exec(symbol)?.[1] ?? NaN);
  if (!(number >= 1) || simulatedSymbol(number) !== symbol) {
    throw new InputError(
      `The simulated market has no symbol "${symbol}": its symbols are SIM001, SIM002 and so on.`,
      'Set universe: simulated-50 (or any number), or name some of those symbols.',
    );
  }
  return number - 1;
}

/** Cuts off the bars that open before `fromMs`; the path to them is walked all the same. */
function* skipBefore(pieces: Iterable<BarColumns>, fromMs: number): Generator<BarColumns> {
  for (const piece of pieces) {
    if (piece.openTimeMs[piece.length - 1]! < fromMs) continue;
    const from = piece.openTimeMs.findIndex((timeMs) => timeMs >= fromMs);
    yield sliceBarColumns(piece, from, piece.length);
  }
}

/**
 * A made-up market of any size from a seed: regimes, correlated sectors, fat tails, overnight gaps. Throws InputError
 * for a symbol it has not.
 */
export function createSimulatedSource(symbols: readonly string[] | undefined, data: DataOptions): BarSource {
  const { seed, bars } = data.simulated;
  const wanted = symbols ?? Array.from({ length: data.simulated.symbols }, (_, i) => simulatedSymbol(i + 1));
  const indexes = new Map(wanted.map((symbol) => [symbol, indexOf(symbol)]));
  const calendar = calendarNamed(data.calendar);
  const start = data.from ?? DEFAULT_START;
  const startMs = calendar.nominalHoursOf(parseDay(start)!).openTimeMs;
  return {
    name: 'simulated',
    recheckBars: 0,
    series: async () =>
      wanted.map((symbol) => ({
        source: 'simulated',
        origin: `seed=${seed} start=${start} bars=${bars} model=1`,
        symbol,
        timeframe: data.timeframe,
        calendar: data.calendar,
        instrument: {
          symbol,
          assetClass: 'simulated',
          currency: 'USD',
          tick: SIMULATED_TICK,
          lot: 1,
          sector: SIMULATED_SECTORS[indexes.get(symbol)! % SIMULATED_SECTORS.length]!,
        },
        sourceStatement: `Simulated, not a real market: made by Signalbox from seed ${seed} (regimes, correlated sectors, fat tails, gaps).`,
      })),
    async *bars(symbol, fromMs) {
      const { timeframe } = data;
      const options = { seed, index: indexes.get(symbol)!, symbol, timeframe, calendar, startMs, bars };
      yield* skipBefore(simulateBars(options), fromMs);
    },
  };
}

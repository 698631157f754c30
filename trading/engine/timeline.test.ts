import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { createMarket } from '../market.ts';
import { testInstrument } from '../testing/random-walk-bars.ts';
import { Timeline } from './timeline.ts';

/** Columns whose bars open at the given times and last `width`. */
function columns(symbol: string, opens: readonly number[], width: number): BarColumns {
  const bars = createBarColumns(symbol, opens.length);
  opens.forEach((time, bar) => {
    bars.openTimeMs[bar] = time;
    bars.closeTimeMs[bar] = time + width;
  });
  return bars;
}

/** Every step as `time kind symbol:bar ...`. */
function walk(universe: BarColumns[]): string[] {
  const market = createMarket(
    universe,
    universe.map(({ symbol }) => testInstrument(symbol)),
  );
  const timeline = new Timeline(market);
  const steps: string[] = [];
  for (let step = timeline.next(); step !== null; step = timeline.next()) {
    const entries = Array.from({ length: step.count }, (_, at) => `${step.symbols[at]}:${step.index[at]}`);
    steps.push(`${step.timeMs} ${step.kind} ${entries.join(' ')}`);
  }
  return steps;
}

/** The same from a sort of all opens and closes. */
function sorted(universe: BarColumns[]): string[] {
  const events = universe.flatMap((bars, symbol) =>
    Array.from({ length: bars.length }, (_, bar) => [
      { timeMs: bars.openTimeMs[bar]!, order: 1, kind: 'open', symbol, bar },
      { timeMs: bars.closeTimeMs[bar]!, order: 0, kind: 'close', symbol, bar },
    ]).flat(),
  );
  events.sort((a, b) => a.timeMs - b.timeMs || a.order - b.order || a.symbol - b.symbol);
  const steps = new Map<string, string>();
  for (const { timeMs, kind, symbol, bar } of events) {
    const key = `${timeMs} ${kind}`;
    steps.set(key, `${steps.get(key) ?? key} ${symbol}:${bar}`);
  }
  return [...steps.values()];
}

describe('Timeline', () => {
  it('gives what sorting every open and close gives, closes first, symbols in universe order', () => {
    const opens = fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.array(opens, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 9 }), (lists, width) => {
        const universe = lists.map((list, at) =>
          columns(
            `S${at}`,
            [...list].sort((a, b) => a - b).map((time) => time * width),
            width,
          ),
        );
        expect(walk(universe)).toEqual(sorted(universe));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createBarColumns, type BarColumns } from '../features/bar.ts';
import { HOUR_MS, MINUTE_MS } from '../features/timeframe.ts';
import { NAMED_LIMITS } from '../models/experiment/experiment.ts';
import { runHistoricalSession, type HistoricalSessionOptions } from './sessions/historical-session.ts';
import { HOLD, ruleSignal, type Strategy } from './strategies/strategy.ts';
import { randomWalkBars, testInstrument } from './testing/random-walk-bars.ts';
import { accountedFor } from './fine-bars.ts';
import { simulatedBroker } from './brokers/simulated/simulated-broker.ts';

const HOURS = 40;

/** Hours of minutes. */
function hoursOf(minutes: BarColumns): BarColumns {
  const bars = createBarColumns('A', minutes.length / 60);
  for (let hour = 0; hour < bars.length; hour++) {
    const [from, to] = [hour * 60, hour * 60 + 60];
    bars.openTimeMs[hour] = minutes.openTimeMs[from]!;
    bars.closeTimeMs[hour] = minutes.closeTimeMs[to - 1]!;
    bars.open[hour] = minutes.open[from]!;
    bars.high[hour] = Math.max(...minutes.high.subarray(from, to));
    bars.low[hour] = Math.min(...minutes.low.subarray(from, to));
    bars.close[hour] = minutes.close[to - 1]!;
    bars.volume[hour] = 1e6;
  }
  return bars;
}

const buys: Strategy = {
  name: 'buys',
  parameters: {},
  forSymbol: () => ({ decide: () => ruleSignal('BUY', 'always') }),
};

const PERCENT = 0.004;

function session(bars: BarColumns, fine?: BarColumns, more: Partial<HistoricalSessionOptions> = {}) {
  return runHistoricalSession({
    bars: [bars],
    instruments: [testInstrument('A')],
    strategy: buys,
    sizing: { kind: 'units', units: 1 },
    limits: NAMED_LIMITS.unbounded,
    broker: simulatedBroker({}),
    capital: 1_000,
    protection: { stopLoss: { percent: PERCENT }, takeProfit: { percent: PERCENT }, trailing: null },
    ...(fine === undefined ? {} : { fine: [fine] }),
    ...more,
  });
}

/** Hour and price of each exit, walked minute by minute in whole cents: a stop first, then a target. */
function exitsByMinutes(minutes: BarColumns): [hour: number, price: number][] {
  const cents = (price: number): number => Math.round(price * 100);
  const exits: [number, number][] = [];
  for (let hour = 1; hour < HOURS; hour++) {
    const entry = cents(minutes.open[hour * 60]!);
    const [stop, target] = [Math.floor(entry * (1 - PERCENT) + 1e-9), Math.ceil(entry * (1 + PERCENT) - 1e-9)];
    const had = exits.length;
    for (let minute = hour * 60; minute < minutes.length; minute++) {
      const [o, h, l] = [minutes.open, minutes.high, minutes.low].map((column) => cents(column[minute]!)) as [
        number,
        number,
        number,
      ];
      const exit = o <= stop || o >= target ? o : l <= stop ? stop : h >= target ? target : null;
      if (exit === null) continue;
      hour = Math.floor(minute / 60);
      exits.push([hour, exit]);
      break;
    }
    // What was entered is held to the end.
    if (exits.length === had) break;
  }
  return exits;
}

describe('finer bars inside bars', () => {
  it('say which of stop and target came first, as a walk by minutes does', () => {
    let differs = 0;
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const minutes = randomWalkBars('A', HOURS * 60, { seed, sigma: 0.0006 });
        const bars = hoursOf(minutes);
        const { ledger, reasons } = session(bars, minutes);
        const found = ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
        const exits = found.map(({ exitTimeMs, exitPrice }) => [
          bars.closeTimeMs.indexOf(exitTimeMs!),
          Math.round(exitPrice * 100),
        ]);
        const expected = exitsByMinutes(minutes);
        expect(exits).toEqual(expected);
        expect(reasons).toContainEqual(expect.stringMatching(/^fine: of 40 bars finer ones account for 40/));
        if (session(bars).equity.at(-1) !== session(bars, minutes).equity.at(-1)) differs += 1;
      }),
      { numRuns: 40 },
    );
    expect(differs).toBeGreaterThan(0);
  });

  it('change nothing where they do not account for the bar', () => {
    const minutes = randomWalkBars('A', HOURS * 60, { seed: 3, sigma: 0.0006 });
    const bars = hoursOf(minutes);
    const flat = { ...minutes, high: minutes.open, low: minutes.open, close: minutes.open };
    const later = {
      ...minutes,
      openTimeMs: minutes.openTimeMs.map((time) => time + 1e3 * HOUR_MS),
      closeTimeMs: minutes.closeTimeMs.map((time) => time + 1e3 * HOUR_MS),
    };
    for (const fine of [flat, later, createBarColumns('A', 0)]) {
      expect(accountedFor(bars, fine)).toBe(0);
      expect(session(bars, fine).journalHash).toBe(session(bars).journalHash);
      expect(session(bars, fine).reasons.join()).toMatch(/account for 0.*in the others/);
    }
  });

  it('let an exit that an entry inside the bar triggers take part from the next finer bar on', () => {
    const rows: [number, number, number, number][] = [
      [100, 100, 100, 100],
      [100, 100, 98, 98],
      [98, 104, 98, 103],
      [103, 103, 96, 97],
    ];
    const fine = createBarColumns('A', 4);
    rows.forEach(([open, high, low, close], row) => {
      Object.assign(fine.open, { [row]: open });
      Object.assign(fine.high, { [row]: high });
      Object.assign(fine.low, { [row]: low });
      Object.assign(fine.close, { [row]: close });
      fine.openTimeMs[row] = HOUR_MS + row * 15 * MINUTE_MS;
      fine.closeTimeMs[row] = HOUR_MS + (row + 1) * 15 * MINUTE_MS;
    });
    const bars = createBarColumns('A', 2);
    [0, 1].forEach((hour) => {
      bars.openTimeMs[hour] = hour * HOUR_MS;
      bars.closeTimeMs[hour] = (hour + 1) * HOUR_MS;
      bars.open[hour] = 100;
      bars.high[hour] = hour === 0 ? 100 : 104;
      bars.low[hour] = hour === 0 ? 100 : 96;
      bars.close[hour] = hour === 0 ? 100 : 97;
    });
    const place = { do: 'place', size: { units: 1 } } as const;
    const bracket: Strategy = {
      name: 'bracket',
      parameters: {},
      forSymbol: () => ({
        decide: () => HOLD,
        orders: (view) =>
          view.length > 1
            ? []
            : [
                { ...place, label: 'entry', side: 'buy', type: 'limit', limit: 99 },
                { ...place, label: 'target', side: 'sell', type: 'limit', limit: 103, group: 'exits', after: 'entry' },
                { ...place, label: 'stop', side: 'sell', type: 'stop', stop: 97, group: 'exits', after: 'entry' },
              ],
      }),
    };
    const more = { strategy: bracket, protection: undefined };
    // By the hour alone only a stop is taken to be reached after the entry (`inside-entry`).
    expect(session(bars, undefined, more).ledger.map(({ exitPrice }) => exitPrice)).toEqual([97]);
    expect(session(bars, fine, more).ledger.map(({ exitPrice }) => exitPrice)).toEqual([103]);
  });
});

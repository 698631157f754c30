import { createBarColumns, type BarColumns } from '../../features/bar.ts';
import { HOUR_MS } from '../../features/timeframe.ts';
import { NAMED_LIMITS } from '../../models/experiment/experiment.ts';
import type { Costs } from '../brokers/simulated/cost-model.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { MemoryJournal } from '../journal/memory-journal.ts';
import { runHistoricalSession } from '../sessions/historical-session.ts';
import { HOLD, type Strategy } from '../strategies/strategy.ts';
import { MatchingReference } from './matching-reference.ts';
import { apart } from './reference-book.ts';
import type { Scenario } from './reference-desk.ts';
import { testInstrument } from './random-walk-bars.ts';
import { START_MS, type Row } from './scripted-orders.ts';

/** A millionth of a unit of currency: what floats may miss of exact amounts here. */
const NEAR = 1e-6;

function columnsOf(symbol: string, rows: readonly (Row | null)[]): BarColumns {
  const there = rows.flatMap((row, hour) => (row === null ? [] : [{ row, hour }]));
  const bars = createBarColumns(symbol, there.length);
  there.forEach(({ row: [open, high, low, close, volume = 1_000], hour }, at) => {
    Object.entries({ open, high, low, close, volume }).forEach(([key, value]) => {
      bars[key as 'open'][at] = value;
    });
    bars.openTimeMs[at] = START_MS + hour * HOUR_MS;
    bars.closeTimeMs[at] = START_MS + (hour + 1) * HOUR_MS;
  });
  return bars;
}

function costsOf({ costs }: Scenario): Partial<Costs> {
  const { makerBps, takerBps, perShareCents, minimumCents, volumePercent, latencyMs, concessionBps } = costs;
  const flat = perShareCents === 0 && minimumCents === 0 && makerBps === takerBps;
  return {
    halfSpreadBps: concessionBps,
    feeBps: takerBps,
    latencyMs,
    ...(volumePercent === null ? {} : { participation: volumePercent / 100 }),
    ...(flat
      ? {}
      : { commission: { makerBps, takerBps, perShare: perShareCents / 100, perOrderMin: minimumCents / 100 } }),
  };
}

/** The engine's account of a scenario. */
function traded(given: Scenario) {
  const symbols = given.rows.map((_, sym) => `S${sym}`);
  let next = 0;
  const strategy: Strategy = {
    name: 'scripted',
    parameters: {},
    forSymbol: () => {
      const sym = next++;
      return {
        decide: () => HOLD,
        orders: (view) => given.actions[sym]![(view.closeTimeMs() - START_MS) / HOUR_MS - 1] ?? [],
      };
    },
  };
  const journal = new MemoryJournal(symbols, { keep: true });
  const effectiveMs = START_MS + (given.split?.hour ?? 0) * HOUR_MS;
  const split = given.split && {
    kind: 'split' as const,
    effectiveMs,
    knownAtMs: effectiveMs,
    value: given.split.ratio,
  };
  const { positionPermille, shortAllowed, drawdownPermille } = given.limits;
  const result = runHistoricalSession({
    bars: given.rows.map((rows, sym) => columnsOf(symbols[sym]!, rows)),
    instruments: symbols.map((symbol) => testInstrument(symbol)),
    strategy,
    sizing: { kind: 'units', units: 1 },
    limits: {
      ...NAMED_LIMITS.unbounded,
      positionFraction: positionPermille / 1_000,
      drawdownFraction: drawdownPermille === null ? null : drawdownPermille / 1_000,
      shortAllowed,
    },
    broker: simulatedBroker(costsOf(given)),
    capital: given.capital,
    journal,
    ...(split === null ? {} : { actions: symbols.map((_, sym) => (sym === 0 ? [split] : [])) }),
  });
  return { result, entries: [...journal.entries()] };
}

/** What the engine and the slow reference disagree on first; null where they say the same of a scenario. */
export function disagreement(given: Scenario): {
  readonly fills: number;
  readonly orders: number;
  readonly why: string | null;
} {
  const { result, entries } = traded(given);
  const reference = new MatchingReference(given).run();
  const fills = entries.filter((entry) => entry.kind === 'fill');
  const counts = { fills: fills.length, orders: entries.filter(({ kind }) => kind === 'order').length };
  for (let at = 0; at < Math.max(fills.length, reference.fills.length); at++) {
    const [fill, plain] = [fills[at], reference.fills[at]];
    const same =
      fill !== undefined &&
      plain !== undefined &&
      fill.sequence === plain.seq &&
      fill.quantity === plain.units &&
      fill.timeMs === plain.timeMs &&
      apart(plain.price, fill.price) < NEAR &&
      apart(plain.fee, fill.fee) < NEAR;
    if (!same) return { ...counts, why: `fill ${at}: ${told(fill)}, not ${told(plain)}` };
  }
  const ends = new Map<number, string>();
  for (const entry of entries) {
    if (entry.kind === 'fill' && entry.final) ends.set(entry.sequence, 'filled');
    if (entry.kind === 'order-update' && entry.state === 'CANCELED') ends.set(entry.sequence, 'cancelled');
  }
  for (let sequence = 1; sequence <= Math.max(counts.orders, reference.ends.size); sequence++) {
    const [end, plain] = [ends.get(sequence), reference.ends.get(sequence)];
    if (end !== plain) return { ...counts, why: `order ${sequence} is ${end}, not ${plain}` };
  }
  const miss = reference.marks.findIndex(({ equity }, at) => !(apart(equity, result.equity[at]!) < NEAR));
  if (miss >= 0)
    return { ...counts, why: `equity ${miss} is ${result.equity[miss]}, not ${reference.marks[miss]!.equity}` };
  return { ...counts, why: null };
}

function told(fill: object | undefined): string {
  return JSON.stringify(fill ?? null, (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) / 1e12 : value,
  );
}

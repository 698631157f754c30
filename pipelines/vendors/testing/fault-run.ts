import { barAt, type Bar } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { DataManager } from '../asking/data-manager.ts';
import { VendorError } from '../vendor-error.ts';
import { createVendorGate } from '../asking/vendor-gate.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { createVendorAt, expectedBars, requestOf, type FakeSubject } from './fake-subjects.ts';
import { fakeSeries } from './fake-market.ts';
import { startFakeVendorServer } from './fake-vendor-server.ts';
import { createFaultScript } from './fault-script.ts';

const NOW_MS = Date.UTC(2024, 1, 14, 16, 45);
const TIMEOUT_MS = 150;
/** A fetch that ends with an error is started again where it stopped, as a next run does. */
const STARTS_MAX = 100;

/** What came of one fetch under faults, beside the truth. */
export interface FaultRun {
  readonly requests: number;
  /** Waits between attempts, in seconds of the clock that was passed in: nobody waited. */
  readonly waitedSeconds: number;
  readonly starts: number;
  /** Bars that a clean read has, and what this one had of them. */
  readonly asked: number;
  readonly got: number;
  readonly lost: number;
  readonly doubled: number;
  /** Bars with other values than the truth, or that are not in it. */
  readonly different: number;
  readonly outOfOrder: number;
  /** Errors that were no VendorError of a kind that was provoked. */
  readonly unexplained: number;
  readonly faults: Readonly<Record<string, number>>;
}

/**
 * Fetches a random history through the vendor's real SDK, gate and data manager from a loopback server that answers
 * `share` of the requests with a fault, going on after errors where it stopped, and compares what came with the truth.
 */
export async function fetchUnderFaults(subject: FakeSubject, random: Random, share: number): Promise<FaultRun> {
  const days = subject.timeframe === '1d' ? 200 + random.integer(800) : 4 + random.integer(24);
  const fromMs = NOW_MS - days * DAY_MS;
  const { timeframe, kind } = subject;
  const missing = random.next() < 0.5 ? 0 : random.next() * 0.3;
  const series = fakeSeries(random.fork('bars'), { timeframe, kind, fromMs, toMs: NOW_MS, missing });
  const script = createFaultScript(random.fork('faults'), subject.vendor, share);
  const server = await startFakeVendorServer({
    market: {
      bars: (symbol, size) => (symbol === subject.key && size === subject.size ? series : undefined),
      quote: () => undefined,
    },
    pageBars: 15 + random.integer(200),
    fault: (_index, path) => script.next(path),
  });
  let waitedMs = 0;
  const sleep = async (milliseconds: number): Promise<void> => void (waitedMs += milliseconds);
  const gate = createVendorGate({
    vendor: subject.vendor,
    requestsPerMinute: 1_000_000,
    random: random.fork('jitter'),
    sleep,
    timeoutMs: TIMEOUT_MS,
    // Nobody waits here, so that the breaker's pause is over at once too.
    breaker: { failures: 5, halfOpenAfterMs: 0 },
  });
  const clock = (): number => NOW_MS;
  const vendor = createVendorAt(subject.vendor, { url: server.url, clock, call: gate.call });
  const manager = new DataManager({ vendors: [{ vendor, gate }], clock, sleep, random: random.fork('rounds') });
  try {
    const { bars, starts, unexplained } = await fetchAll(manager, subject, fromMs);
    const truth = expectedBars(series, subject, requestOf(subject, fromMs, Infinity), NOW_MS);
    return {
      requests: server.seen.length,
      waitedSeconds: Math.round(waitedMs / 1000),
      starts,
      unexplained,
      ...compare(bars, truth),
      faults: Object.fromEntries(script.made),
    };
  } finally {
    await server.close();
  }
}

async function fetchAll(
  manager: DataManager,
  subject: FakeSubject,
  fromMs: number,
): Promise<{ bars: Bar[]; starts: number; unexplained: number }> {
  const bars: Bar[] = [];
  let unexplained = 0;
  for (let starts = 1; ; starts++) {
    const last = bars.at(-1);
    const request = requestOf(subject, last === undefined ? fromMs : last.openTimeMs + 1, Infinity);
    try {
      for await (const piece of manager.history(request, { first: subject.vendor })) {
        for (let i = 0; i < piece.bars.length; i++) bars.push(barAt(piece.bars, i));
      }
      return { bars, starts, unexplained };
    } catch (error) {
      if (!(error instanceof VendorError)) unexplained++;
      if (starts >= STARTS_MAX) return { bars, starts, unexplained };
    }
  }
}

const FIELDS = ['closeTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function compare(bars: readonly Bar[], truth: readonly Bar[]) {
  const byOpen = new Map(truth.map((bar) => [bar.openTimeMs, bar]));
  const seen = new Set<number>();
  const counts = { asked: truth.length, got: bars.length, lost: 0, doubled: 0, different: 0, outOfOrder: 0 };
  bars.forEach((bar, i) => {
    const expected = byOpen.get(bar.openTimeMs);
    if (seen.has(bar.openTimeMs)) counts.doubled++;
    seen.add(bar.openTimeMs);
    if (expected === undefined || FIELDS.some((field) => bar[field] !== expected[field])) counts.different++;
    if (i > 0 && bar.openTimeMs <= bars[i - 1]!.openTimeMs) counts.outOfOrder++;
  });
  counts.lost = truth.filter(({ openTimeMs }) => !seen.has(openTimeMs)).length;
  return counts;
}

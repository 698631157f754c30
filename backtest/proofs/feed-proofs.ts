import type { Random } from '../../infra/random.ts';
import { compareWithCleanRead, type FeedScenario } from '../../pipelines/feeds/testing/clean-read.ts';
import { STREAM_FAULTS } from '../../pipelines/feeds/testing/fault-names.ts';
import type { CaseContext, CaseFigures, Proof } from './proof.ts';

const CALENDARS = ['us-equities', 'crypto', 'none'] as const;
const TIMEFRAMES = ['1m', '1m', '5m', '15m', '1h', '1d'] as const;
/** What must not happen to a bar. */
const WRONGS = ['lost', 'doubled', 'different', 'outOfOrder'] as const;

function drawScenario(random: Random): FeedScenario {
  const pick = <T>(choices: readonly T[]): T => choices[random.integer(choices.length)]!;
  // Half of the faults are absent, so that each is also seen by itself.
  const share = (max: number): number => (random.next() < 0.5 ? 0 : random.next() * max);
  return {
    seed: random.integer(2 ** 31),
    symbols: 1 + random.integer(8),
    liveMinutes: 1 + random.integer(random.next() < 0.03 ? 6_000 : 400),
    pastMinutes: random.integer(400),
    calendar: pick(CALENDARS),
    timeframe: pick(TIMEFRAMES),
    faults: {
      skip: share(0.4),
      repeat: share(0.4),
      late: share(0.4),
      close: share(0.05),
      stall: share(0.02),
      garbage: share(0.1),
      refuse: share(0.8),
      historyFailure: share(0.4),
    },
    quiet: share(0.5),
    restart: share(0.05),
    slow: share(0.05),
    maxBars: 1 + random.integer(2_000),
  };
}

async function feedCase({ random }: CaseContext): Promise<CaseFigures> {
  const { faults, ...figures } = await compareWithCleanRead(drawScenario(random));
  return { ...figures, ...faults };
}

/** Case by case through vendors and faults, so that any count of them sees each about as often. */
async function streamCase({ random, index }: CaseContext): Promise<CaseFigures> {
  // The stand-ins' servers are no part of what is installed for use.
  const { VENDOR_STREAMS } = await import('../../pipelines/feeds/testing/vendor-streams.ts');
  const { compareOverSocket } = await import('../../pipelines/feeds/testing/stream-faults.ts');
  const vendor = VENDOR_STREAMS[index % VENDOR_STREAMS.length]!;
  const fault = STREAM_FAULTS[Math.floor(index / VENDOR_STREAMS.length) % STREAM_FAULTS.length]!;
  const outcome = await compareOverSocket(vendor, { fault, minutes: 25, random });
  return { vendor: vendor.protocol.vendor, fault, ...outcome };
}

const sumOf = (cases: readonly CaseFigures[], name: string): number =>
  cases.reduce((sum, figures) => sum + Number(figures[name]), 0);

/** Sums of the figures called `names`, and whether nothing went wrong with any bar. */
function conclude(cases: readonly CaseFigures[], names: readonly string[]): ReturnType<Proof['conclude']> {
  const sums = Object.fromEntries([...names, ...WRONGS].map((name) => [name, sumOf(cases, name)]));
  return { holds: WRONGS.every((name) => sums[name] === 0), figures: { cases: cases.length, ...sums } };
}

const FEED_FIGURES = ['expected', 'fromStream', 'restarts', 'skip', 'repeat', 'late', 'close', 'stall', 'refuse'];

/** Proofs about live feeds. */
export const FEED_PROOFS: readonly Proof[] = [
  {
    name: 'feeds',
    shows: 'random gaps, restarts and interleavings of history and stream give exactly the bars of one clean read',
    count: 500,
    run: feedCase,
    conclude: (cases) => conclude(cases, [...FEED_FIGURES, 'garbage', 'historyFailure']),
  },
  {
    name: 'stream-faults',
    shows:
      'a socket that closes, stalls, repeats, reorders or skips, through each vendor’s client: no bar lost or doubled',
    count: 132,
    run: streamCase,
    conclude: (cases) => {
      const { holds, figures } = conclude(cases, ['bars', 'fromStream', 'connections', 'invalid']);
      const kinds = [...new Set(cases.map(({ vendor, fault }) => `${String(vendor)} ${String(fault)}`))];
      const done = kinds.map((kind) => {
        const of = cases.filter(({ vendor, fault }) => `${String(vendor)} ${String(fault)}` === kind);
        const wrong = WRONGS.reduce((sum, name) => sum + sumOf(of, name), 0);
        return [kind, `${sumOf(of, 'injected')} times, ${sumOf(of, 'bars')} bars, ${wrong} wrong`] as const;
      });
      return { holds, figures: { ...figures, ...Object.fromEntries(done) } };
    },
  },
];

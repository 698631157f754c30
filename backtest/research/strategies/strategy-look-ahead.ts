import { barsClosedBy } from '../../../features/bar.ts';
import type { Random } from '../../../infra/random.ts';
import { corruptAfter, cutTimes } from '../look-ahead.ts';
import { runRecorded, type Answer, type HuntedStrategy, type RecordedRun } from './recorded-run.ts';

/** What a strategy or its session did by a time, and did otherwise when what came after that time was another. */
interface StrategyFinding {
  readonly strategy: string;
  readonly symbol: string;
  /** Close of the bar at which it shows. */
  readonly timeMs: number;
  /** Everything up to here should not have changed. */
  readonly cutMs: number;
  /** What became of the bars after the cut; `again`: nothing, the same bars were run once more. */
  readonly future: 'missing' | 'other' | 'again';
  readonly stage: 'signals' | 'session';
  readonly withFuture: string;
  readonly without: string;
}

export interface StrategyHunt {
  readonly cuts: readonly number[];
  readonly compared: { readonly signals: number; readonly session: number };
  readonly findings: readonly StrategyFinding[];
  /** The run over the bars as they are. */
  readonly whole: RecordedRun;
}

const NOTHING = 'nothing';

/**
 * Hunts for look-ahead in a strategy and the session around it: runs it over the bars, then over bars that end at a
 * time, and over bars that are other ones after it, and compares to the last bit what was answered and decided by that
 * time. A second run over the same bars shows what one run leaves behind for the next.
 */
export function huntStrategy(
  hunted: HuntedStrategy,
  { cuts, random, onCut }: { cuts: number; random: Random; onCut?: () => void },
): StrategyHunt {
  const { bars } = hunted;
  const whole = runRecorded(hunted, bars);
  const compared = { signals: 0, session: 0 };
  const findings: StrategyFinding[] = [];
  const compare = (other: RecordedRun, cutMs: number, future: StrategyFinding['future']): void => {
    const last = whole.moments.findLast(({ timeMs }) => timeMs <= cutMs);
    if (last === undefined) return;
    compared.signals += last.answers;
    compared.session += last.effects;
    const found = differenceIn(whole, other, last);
    if (found === null) return;
    const symbol = typeof found.symbol === 'number' ? (bars[found.symbol]?.symbol ?? '') : found.symbol;
    findings.push({ strategy: hunted.name, cutMs, future, ...found, symbol });
  };
  const chosen = cutsOf(whole, cuts, random);
  compare(runRecorded(hunted, bars), whole.moments.at(-1)?.timeMs ?? 0, 'again');
  chosen.forEach((cutMs, cut) => {
    const ended = bars.map((columns) => barsClosedBy(columns, cutMs));
    compare(runRecorded(hunted, ended, cutMs), cutMs, 'missing');
    compare(runRecorded(hunted, corruptAfter(bars, cutMs, random.fork(`cut ${cut}`)), cutMs), cutMs, 'other');
    onCut?.();
  });
  return { cuts: chosen, compared, findings, whole };
}

/**
 * Times to cut at: in turn any moment, and one at which more was said than HOLD. A strategy that seldom speaks shows
 * what it knows of the next bar only where it does.
 */
function cutsOf({ moments, answers }: RecordedRun, cuts: number, random: Random): number[] {
  const spoken = moments.filter((moment, at) => {
    for (let answer = moments[at - 1]?.answers ?? 0; answer < moment.answers; answer++) {
      if (!answers[answer]!.quiet) return true;
    }
    return false;
  });
  const timesOf = (some: RecordedRun['moments']): number[] => some.map(({ timeMs }) => timeMs);
  const [any, loud] = [timesOf(moments), timesOf(spoken.length > 0 ? spoken : moments)];
  return Array.from({ length: cuts }, (_, cut) => cutTimes(cut % 2 === 0 ? loud : any, 1, random)[0]!);
}

interface Difference extends Pick<StrategyFinding, 'stage' | 'timeMs' | 'withFuture' | 'without'> {
  /** That of an answer. */
  readonly strategy?: string;
  /** Its name, or its position in the universe. */
  readonly symbol: string | number;
}

/** The first answer, or else the first record, in which two runs differ up to a moment of the first. */
function differenceIn(
  whole: RecordedRun,
  other: RecordedRun,
  { answers, effects }: RecordedRun['moments'][number],
): Difference | null {
  for (let at = 0; at < answers; at++) {
    const [a, b] = [whole.answers[at]!, other.answers[at]];
    if (a.said === b?.said && a.symbol === b.symbol && a.strategy === b.strategy) continue;
    const { strategy, symbol, timeMs, said: withFuture } = a;
    return { stage: 'signals', strategy, symbol, timeMs, withFuture, without: wordsOf(a, b) };
  }
  for (let at = 0; at < effects; at++) {
    const [a, b] = [whole.effects[at]!, other.effects[at]];
    const [withFuture, without] = [JSON.stringify(a), b === undefined ? NOTHING : JSON.stringify(b)];
    if (withFuture === without) continue;
    return { stage: 'session', symbol: 'symbol' in a ? a.symbol : '', timeMs: a.timeMs, withFuture, without };
  }
  return null;
}

function wordsOf(a: Answer, b: Answer | undefined): string {
  if (b === undefined) return NOTHING;
  if (b.strategy !== a.strategy) return `${b.said} of ${b.strategy}`;
  return b.timeMs === a.timeMs && b.symbol === a.symbol ? b.said : `${b.said} of ${b.symbol}`;
}

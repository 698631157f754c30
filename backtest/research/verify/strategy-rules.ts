import type { BarColumns } from '../../../features/bar.ts';
import type { CompiledOwnFile, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { SilentCodeError } from '../../../infra/own-files/silent-code-error.ts';
import { runGuarded, ThreadLimitError } from '../../../infra/threads/guarded-thread.ts';
import type { SessionResult } from '../../../trading/session-result.ts';
import { runHistoricalSession } from '../../../trading/sessions/historical-session.ts';
import { loadOwnStrategy } from '../../../trading/strategies/own/load-own-strategy.ts';
import { triedBars, TRIED_BARS, triedSession, type HuntedAnswers, type HuntRequest } from './hunt-strategy.ts';
import type { OwnRule } from './own-rule.ts';
import { verifiedBars } from './verified-bars.ts';

/** Computing that both hunts may take: a strategy of a few lines takes one second. */
const HUNT_MS_MAX = 60_000;
const HUNT_BYTES_MAX = 2e9;

/** The contract of a strategy: its answers, and both hunts. */
export function strategyRules(
  { path }: CompiledOwnFile,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly OwnRule[] {
  /** As users run it: in a thread of its own, with its deadline. */
  const trade = (bars: readonly BarColumns[]): SessionResult =>
    runHistoricalSession({ ...triedSession(bars), strategy: loadOwnStrategy(path, { parameters }) });
  let made: Promise<HuntedAnswers> | undefined;
  const hunted = (): Promise<HuntedAnswers> => (made ??= hunt({ path, parameters }));
  return [
    {
      says: 'it answers signals, targets or orders, of two symbols',
      broken: () => mistakesOf(trade(triedBars())),
    },
    {
      says: 'it answers so on bars that stand still, and of tiny and large prices',
      broken: () =>
        verifiedBars(TRIED_BARS)
          .slice(1)
          .flatMap(({ name, bars }) => mistakesOf(trade([bars])).map((words) => `${words} (${name})`)),
    },
    {
      says: 'no answer depends on bars that come after it, and the same bars give the same answers',
      broken: async () => (await hunted()).lookAhead,
    },
    {
      says: 'answers do not depend on where history begins for longer than it declares',
      broken: async () => (await hunted()).warmUp,
    },
  ];
}

/** @throws SilentCodeError where the strategy does not come to an end */
async function hunt(request: HuntRequest): Promise<HuntedAnswers> {
  const found: HuntedAnswers[] = [];
  const fromSource = import.meta.url.endsWith('.ts');
  const module = new URL(fromSource ? './hunt-strategy-thread.ts' : './hunt-strategy-thread.js', import.meta.url);
  const limits = { computeMs: HUNT_MS_MAX, memoryBytes: HUNT_BYTES_MAX };
  try {
    await runGuarded<HuntedAnswers>({ module, request, limits, onItem: (one) => found.push(one) });
  } catch (error) {
    if (!(error instanceof ThreadLimitError)) throw error;
    throw new SilentCodeError(`${request.path}: it was hunted in, and ${error.message}: its thread was ended.`);
  }
  return found[0]!;
}

/** What the session says of its strategy's answers: each kind of mistake with its place, once. */
function mistakesOf({ reasons, refusals }: SessionResult): readonly string[] {
  const said = reasons.filter((reason) => /: at \d+ bars?, first at/.test(reason));
  const faults = refusals.filter(({ code }) => FAULTS.has(code));
  return said.length > 0 || faults.length === 0 ? said : [`${faults[0]!.code}: ${faults.length} answers`];
}

const FAULTS: ReadonlySet<string> = new Set([
  'strategy-threw',
  'strategy-outside',
  'strategy-answer',
  'strategy-target',
  'strategy-symbol',
]);

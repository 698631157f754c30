import { SignalboxError } from '../../../infra/errors.ts';
import { isSilence } from '../../../infra/own-files/silent-code-error.ts';
import type { LiveTail } from '../live-bars.ts';
import type { LiveModels } from '../live-models.ts';
import type { ClosedBars } from '../replayed-feed.ts';
import type { Decider } from '../session-bar-store.ts';
import type { LivePredictor, UnfitModel } from './live-predictor.ts';

/** Who decides live closes: see `LiveTail`. */
export type LiveDeciding = Pick<LiveTail, 'decider' | 'observe'>;

/** Rules see the bars themselves: there is nothing to look up at a close, and nothing to compute before it. */
export const RULES_DECIDING: LiveDeciding = {
  decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
  observe: () => Promise.resolve(null),
};

export interface ChampionDecidingOptions {
  readonly models: Pick<LiveModels, 'champion' | 'recorded'>;
  readonly predictor: LivePredictor;
  readonly note: (text: string) => void;
}

/** Nobody may decide: the version that did has lost its place and no other has it. */
const NO_CHAMPION: UnfitModel = { label: 'no champion', unfit: 'no version is the champion' };

/** It knows what came after the bar: a session that catches up meets such a version. */
const AHEAD = 'it was trained on labels that end after the bars in hand';

/** Asks the registry at each live close; says so, once each, where the champion has changed or does not fit. */
export function championDeciding({ models, predictor, note }: ChampionDecidingOptions): LiveDeciding {
  const failures = new ModelFailures(note);
  let said: { readonly label: string; readonly unfit: string | null } | null = null;
  const say = (label: string, unfit: string | null): void => {
    if (said?.label === label && said.unfit === unfit) return;
    if (unfit !== null) note(`${label}: ${unfit}. Signals are refused until a version that fits is promoted.`);
    else if (said !== null) note(`${label} is the champion now: it decides from this bar on`);
    said = { label, unfit };
  };
  return {
    decider: async (closeTimeMs): Promise<Decider> => {
      const champion = await models.champion();
      if (champion === null) {
        say(NO_CHAMPION.label, NO_CHAMPION.unfit);
        return { decidedBy: null, unfit: NO_CHAMPION.unfit };
      }
      const { hash, label } = champion;
      const unfit = failures.silenceOf(hash) ?? unfitOf(champion, predictor, closeTimeMs);
      say(label, unfit);
      return { decidedBy: hash, unfit };
    },
    observe: async (closed, decider) => {
      const silence = decider?.decidedBy ? failures.silenceOf(decider.decidedBy) : null;
      // Who decides was asked before it fell silent, or while the database was away.
      if (silence !== null && decider!.unfit === null && closed.again !== true) {
        predictor.observe(closed, { label: decider!.decidedBy!, unfit: silence });
        return silence;
      }
      const deciding = await decidingOf(decider, models);
      let unfit: string | null = null;
      predictor.observe(closed, deciding, (failure) => {
        // Called by its hash, as it is where the session repeats the close.
        const hash = decider!.decidedBy!;
        unfit = failures.unfitAt(closed, { label: deciding!.label, hash }, failure);
        return { label: hash, unfit };
      });
      return unfit;
    },
  };
}

/** Versions that could not answer, in one session. */
class ModelFailures {
  /** Why a version is not asked again, by its hash: its code did not answer in time. */
  readonly #silent = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #note: (text: string) => void;

  constructor(note: (text: string) => void) {
    this.#note = note;
  }

  silenceOf(hash: string): string | null {
    return this.#silent.get(hash) ?? null;
  }

  /**
   * What is recorded of a close at which a version could not answer. One that did not answer in time is not asked again
   * before the session is restarted.
   * @throws SignalboxError where it has answered at that close before: what follows would be another session
   */
  unfitAt(
    { closeTimeMs, again }: Pick<ClosedBars, 'closeTimeMs' | 'again'>,
    { label, hash }: { readonly label: string; readonly hash: string },
    failure: SignalboxError,
  ): string {
    const close = new Date(closeTimeMs).toISOString();
    if (again === true) {
      throw new SignalboxError(`${label} decided the close of ${close} and cannot say it again: ${failure.message}`, {
        remedy: `${failure.remedy} Start the session again, or a new one (--session ID).`.trim(),
        cause: failure,
      });
    }
    const words = `it could not answer: ${failure.message}`;
    const silent = isSilence(failure);
    if (silent) this.#silent.set(hash, `${words} It is not asked again before the session is restarted.`);
    const what = silent ? 'it is not asked again before the session is restarted' : 'signals of that close are refused';
    if (!this.#told.has(words)) this.#note(`${label} at the close of ${close}: ${failure.message}: ${what}.`);
    this.#told.add(words);
    return words;
  }
}

type Champion = NonNullable<Awaited<ReturnType<LiveModels['champion']>>>;

function unfitOf(champion: Champion, predictor: LivePredictor, closeTimeMs: number): string | null {
  if ('unfit' in champion) return champion.unfit;
  const { model } = champion;
  return predictor.misfitOf(model) ?? (model.trainedToMs > closeTimeMs ? AHEAD : null);
}

async function decidingOf(
  decider: Decider | null,
  models: ChampionDecidingOptions['models'],
): Promise<Parameters<LivePredictor['observe']>[1]> {
  if (decider === null) return null;
  const { decidedBy, unfit } = decider;
  if (unfit !== null) return { label: decidedBy ?? NO_CHAMPION.label, unfit };
  return decidedBy === null ? null : models.recorded(decidedBy);
}

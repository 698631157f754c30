import type { LiveTail } from '../live-bars.ts';
import type { LiveModels } from '../live-models.ts';
import type { Decider } from '../session-bar-store.ts';
import type { LivePredictor, UnfitModel } from './live-predictor.ts';

/** Who decides live closes: see `LiveTail`. */
export type LiveDeciding = Pick<LiveTail, 'decider' | 'observe'>;

/** Rules see the bars themselves: there is nothing to look up at a close, and nothing to compute before it. */
export const RULES_DECIDING: LiveDeciding = {
  decider: () => Promise.resolve({ decidedBy: null, unfit: null }),
  observe: () => Promise.resolve(),
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
      const unfit = unfitOf(champion, predictor, closeTimeMs);
      say(label, unfit);
      return { decidedBy: hash, unfit };
    },
    observe: async (closed, decider) => {
      predictor.observe(closed, await decidingOf(decider, models));
    },
  };
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

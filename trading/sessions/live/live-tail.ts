import type { LiveTail } from '../live-bars.ts';
import type { LiveModels } from '../live-models.ts';
import type { LivePredictor, UnfitModel } from './live-predictor.ts';
import type { Decider } from '../session-bar-store.ts';
import type { LiveActions } from './live-actions.ts';

export interface LiveTailOptions {
  readonly models: Pick<LiveModels, 'champion' | 'recorded'>;
  readonly predictor: LivePredictor;
  readonly actions: LiveActions;
  /** See `LiveTail`. */
  readonly lateBars: LiveTail['lateBars'];
  readonly note: (text: string) => void;
}

/** Nobody may decide: the version that did has lost its place and no other has it. */
const NO_CHAMPION: UnfitModel = { label: 'no champion', unfit: 'no version is the champion' };

/** It knows what came after the bar: a session that catches up meets such a version. */
const AHEAD = 'it was trained on labels that end after the bars in hand';

/**
 * Asks the registry at each live close; says so, once each, where the champion has changed, does not fit the session,
 * or bars come late.
 */
export function liveTail(options: LiveTailOptions): Omit<LiveTail, 'open'> {
  const { models, predictor, actions, note } = options;
  let said: { readonly label: string; readonly unfit: string | null } | null = null;
  const say = (label: string, unfit: string | null): void => {
    if (said?.label === label && said.unfit === unfit) return;
    if (unfit !== null) note(`${label}: ${unfit}. Signals are refused until a version that fits is promoted.`);
    else if (said !== null) note(`${label} is the champion now: it decides from this bar on`);
    said = { label, unfit };
  };
  let late = false;
  return {
    lateBars: (closeTimeMs) => {
      const bars = options.lateBars(closeTimeMs);
      const close = new Date(closeTimeMs).toISOString();
      if (bars > 0 && !late)
        note(
          `the close of ${close} came ${bars} ${bars === 1 ? 'bar' : 'bars'} late: signals count as that much older`,
        );
      late = bars > 0;
      return bars;
    },
    actions: (closed) => actions.before(closed),
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
      actions.observe(closed);
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
  models: LiveTailOptions['models'],
): Promise<Parameters<LivePredictor['observe']>[1]> {
  if (decider === null) return null;
  const { decidedBy, unfit } = decider;
  if (unfit !== null) return { label: decidedBy ?? NO_CHAMPION.label, unfit };
  return decidedBy === null ? null : models.recorded(decidedBy);
}

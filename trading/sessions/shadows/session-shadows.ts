import { InputError } from '../../../infra/errors.ts';
import { isSilence } from '../../../infra/own-files/silent-code-error.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import type { LoadedBars, MarketData } from '../../../models/experiment/market-data.ts';
import { findVersion } from '../../../models/registry/model-store.ts';
import { createModelStrategy } from '../../strategies/model-signals.ts';
import { createRuleStrategy } from '../../strategies/rule-strategies.ts';
import type { LiveDeciding } from '../live/live-deciding.ts';
import { LivePredictor } from '../live/live-predictor.ts';
import { LiveModels } from '../live-models.ts';
import { thresholdsOf } from '../session-rules.ts';
import type { Shadow } from './shadowed-strategy.ts';

/** A shadow, and what it has to see of each close before the session decides. */
interface PreparedShadow extends Shadow {
  readonly observe: LiveDeciding['observe'] | null;
}

/**
 * The shadows that were asked for: registered versions (`challenger`, `NAME@3`), and rules with their parameters
 * (`ema-cross:fast=5,slow=20`). A version stays the same while the process runs.
 * @throws InputError for one that there is not, or that does not fit the experiment
 */
export async function prepareShadows(
  database: Database,
  market: MarketData & LoadedBars,
  { asked, words }: { readonly asked: string; readonly words: readonly string[] },
): Promise<PreparedShadow[]> {
  const shadows: PreparedShadow[] = [];
  for (const word of words) {
    const isModel = word === 'challenger' || word.includes('@');
    shadows.push(isModel ? await modelShadow(database, market, { asked, word }) : ruleShadow(word));
  }
  const names = shadows.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return shadows;
  throw new InputError(`--shadow ${twice} is given twice.`, 'Leave one out.');
}

function ruleShadow(word: string): PreparedShadow {
  const [name, ...rest] = word.split(':') as [string, ...string[]];
  const given = rest.join(':');
  const parameters = given === '' ? [] : given.split(',').map((pair) => parameterOf(word, pair));
  return { name: word, strategy: createRuleStrategy(name, Object.fromEntries(parameters)), observe: null };
}

function parameterOf(word: string, pair: string): [string, number] {
  const [key, value] = pair.split('=');
  const number = Number(value);
  if (key !== undefined && key !== '' && value !== undefined && value !== '' && Number.isFinite(number)) {
    return [key.trim(), number];
  }
  throw new InputError(`--shadow ${word}: "${pair}" is no key=number.`, 'Write it as ema-cross:fast=5,slow=20.');
}

async function modelShadow(
  database: Database,
  { experiment, set, instruments, actions }: MarketData & LoadedBars,
  { asked, word }: { readonly asked: string; readonly word: string },
): Promise<PreparedShadow> {
  const symbols = instruments.map(({ symbol }) => symbol);
  const version = await findVersion(database.pool, word === 'challenger' ? `${experiment.name}@challenger` : word);
  const models = new LiveModels(database, { experiment, asked, featureSetHash: set.hash, symbols });
  const model = await models.requireFittingVersion(version, 'the shadow');
  const predictor = new LivePredictor({ set, symbols, actions, keptRows: await models.keptRows() });
  let isSilent = false;
  return {
    name: model.label,
    strategy: createModelStrategy((symbol) => predictor.predictorOf(symbol), thresholdsOf(experiment)),
    observe: (closed, decider) => {
      // History warms up, and what the model was trained on it is not asked about.
      const isAsked = !isSilent && decider !== null && closed.closeTimeMs >= model.model.trainedToMs;
      // What it cannot say is not recorded; one that does not answer in time would hold the session up at each close.
      predictor.observe(closed, isAsked ? model : null, (failure) => {
        isSilent ||= isSilence(failure);
        return { label: model.label, unfit: failure.message };
      });
      return Promise.resolve(null);
    },
  };
}

/** The same, with what shadows have to see of each close. */
export function observedByShadows(deciding: LiveDeciding, shadows: readonly PreparedShadow[]): LiveDeciding {
  return {
    decider: (closeTimeMs) => deciding.decider(closeTimeMs),
    observe: async (closed, decider) => {
      const unfit = await deciding.observe(closed, decider);
      for (const { observe } of shadows) await observe?.(closed, decider);
      return unfit;
    },
  };
}

import type { CommandContext } from '../infra/command.ts';
import { InputError, SignalboxError } from '../infra/errors.ts';
import { decodeEnsemble } from '../models/ensemble/serialised-ensemble.ts';
import { loadEnsemble } from '../models/ensemble/ensemble-model.ts';
import { finalModelOf } from '../models/model-store.ts';
import { lifeMsOf, plannedSpans } from '../models/promotion/model-life.ts';
import { openLiveFeed } from '../pipelines/feeds/open-live-feed.ts';
import { systemVendorAccess } from '../pipelines/vendors/vendor-access.ts';
import { VENDOR_NAMES, type VendorName } from '../pipelines/vendors/vendor.ts';
import type { Replay } from '../trading/paper-command.ts';
import { createModelStrategy } from '../trading/strategies/model-signals.ts';
import { actionsFrom, sessionDefinition, sessionRules, thresholdsOf } from './experiment-backtest.ts';
import { LivePredictor } from './live-predictor.ts';
import type { PreparedExperiment } from './prepare-experiment.ts';
import { trainPrepared } from './run-experiment.ts';

/**
 * An experiment as a paper session on a live feed: its history warms features and session up without a trade, then its final model
 * trades what comes. Features, rules, limits and costs are those of its backtest.
 */
export async function liveExperiment(context: CommandContext, experiment: string, vendor?: string): Promise<Replay> {
  const { prepared, trained } = await trainPrepared(context, { experiment, fresh: false });
  const name = vendorOf(prepared, vendor);
  const { pool } = await context.database();
  const stored = await finalModelOf(pool, trained.trainingHash);
  if (stored === null) throw new SignalboxError('The training has no final model.', { remedy: 'Run it again.' });
  const model = await loadEnsemble(decodeEnsemble(stored.content));
  const { bars, set, instruments, actions, calendar } = prepared;
  const symbols = instruments.map(({ symbol }) => symbol);
  const lifeMs = lifeMsOf(prepared.experiment, plannedSpans(trained.plan.folds));
  const predictor = new LivePredictor({
    set,
    symbols,
    actions,
    model,
    liveFromMs: Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!)),
    expiresAtMs: model.trainedToMs + lifeMs,
  });
  const strategy = createModelStrategy((symbol) => predictor.predictorOf(symbol), thresholdsOf(prepared.experiment));
  const definition = sessionDefinition(prepared, trained, 'paper');
  return {
    bars,
    options: {
      instruments,
      strategy,
      ...sessionRules(prepared.experiment, bars, calendar),
      actions: actionsFrom(actions, bars),
    },
    session: {
      ...definition,
      id: definition.id.replace(/^paper-/, `paper-${name}-`),
      definition: { ...definition.definition, feed: name, modelHash: stored.hash },
    },
    live: {
      observe: (closed) => predictor.observe(closed),
      open: (fromMs, signal) =>
        openLiveFeed({
          vendor: name,
          symbols,
          timeframe: prepared.experiment.data.timeframe,
          calendar: calendar.name,
          access: systemVendorAccess(context.config.vendors),
          fromMs: () => fromMs,
          quotes: false,
          signal,
        }),
    },
  };
}

/** The vendor asked for, or the one that the experiment's data come from. */
function vendorOf({ experiment }: PreparedExperiment, wanted: string = experiment.data.source): VendorName {
  const found = VENDOR_NAMES.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new InputError(`${wanted} has no live feed.`, `Name one by --vendor: ${VENDOR_NAMES.join(', ')}.`);
}

import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { dataHash } from '../../pipelines/bars/bar-fingerprint.ts';
import { openLiveFeed } from '../../pipelines/feeds/open-live-feed.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { VENDOR_NAMES, type VendorName } from '../../pipelines/vendors/vendor.ts';
import type { Replay } from './paper-command.ts';
import type { LiveTail } from './live-bars.ts';
import { historyOf, type SessionDefinition, type SessionHistory } from './session-store.ts';
import { createModelStrategy } from '../strategies/model-signals.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { LiveModels, requireChampion } from './live-models.ts';
import { LivePredictor } from './live-predictor.ts';
import { ingestMarketData, loadBars, type LoadedBars, type MarketData } from '../../models/experiment/market-data.ts';
import { actionsFrom, sessionRules, thresholdsOf } from './session-rules.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

/**
 * An experiment as a paper session on a live feed: its history warms features and session up without a trade, then the
 * version that the registry names its champion trades what comes. Nothing is trained: a model that nobody looked at
 * must not trade, and bars do not wait for a training. Features, rules, limits and costs are those of the experiment as
 * it stands; the model's members, backend and life those of its training. InputError where there is no champion, or
 * where it was trained on other features, symbols or adjustments.
 *
 * A session that was stopped goes on from the history that it began with, whatever the store has got since: what came
 * after that it recorded itself.
 */
export async function liveExperiment(
  context: CommandContext,
  name: string,
  asked: { readonly vendor?: string | undefined; readonly session?: string | undefined },
): Promise<Replay> {
  const { config, progress, signal } = context;
  const files = { vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), files);
  const feed = vendorOf(experiment, asked.vendor);
  const database = await context.database();
  await requireChampion(database, { experiment, asked: name });
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const { set, instruments, calendar } = market;
  const stored = await loadBars(database, market.reference);
  const { actions } = stored;
  const { bars, session } = await sessionOf(database, { ...market, ...stored }, { feed, id: asked.session });
  const symbols = instruments.map(({ symbol }) => symbol);
  const rows = { experiment, asked: name, featureSetHash: set.hash, symbols };
  const models = new LiveModels(database, rows);
  const champion = await models.champion();
  const newestMs = Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!));
  progress.note(describeChampion(champion, newestMs));
  const predictor = new LivePredictor({ set, symbols, actions, keptRows: await models.keptRows() });
  return {
    bars,
    options: {
      instruments,
      strategy: createModelStrategy((symbol) => predictor.predictorOf(symbol), thresholdsOf(experiment)),
      broker: simulatedBroker(experiment.costs),
      ...sessionRules(experiment, bars, calendar),
      actions: actionsFrom(actions, bars),
    },
    session,
    live: {
      ...tailModels(models, predictor, (text) => progress.note(text)),
      open: (fromMs, stop) =>
        openLiveFeed({
          vendor: feed,
          symbols,
          timeframe: experiment.data.timeframe,
          calendar: calendar.name,
          access: files.vendors,
          fromMs: () => fromMs,
          quotes: false,
          signal: stop,
        }),
    },
  };
}

/** Asks the registry at each live close; says so where the champion has changed. */
function tailModels(
  models: LiveModels,
  predictor: LivePredictor,
  note: (text: string) => void,
): Pick<LiveTail, 'decider' | 'observe'> {
  let before: string | null = null;
  return {
    decider: async () => {
      const { hash, label } = await models.champion();
      if (before !== null && before !== label) note(`${label} is the champion now: it decides from this bar on`);
      before = label;
      return hash;
    },
    observe: async (closed, decidedBy) =>
      predictor.observe(closed, decidedBy === null ? null : await models.recorded(decidedBy)),
  };
}

function describeChampion({ label, expiresAtMs }: { label: string; expiresAtMs: number }, newestMs: number): string {
  if (expiresAtMs === Infinity) return `${label}, the champion, trades`;
  const day = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (newestMs <= expiresAtMs) return `${label}, the champion, trades until it expires on ${day}`;
  return `${label}, the champion, expired on ${day}: its signals are refused. Train again and promote.`;
}

/**
 * A live session and the history that it begins with. The model is no part of its identity: the registry decides that
 * bar by bar, and it is recorded with each. InputError where the history of a session that goes on is not what it was.
 */
async function sessionOf(
  database: Database,
  { experiment, bars, set, instruments }: MarketData & LoadedBars,
  { feed, id }: { feed: string; id: string | undefined },
): Promise<{ bars: BarColumns[]; session: SessionDefinition }> {
  const hash = experimentHash(experiment);
  const session = {
    id: id ?? `paper-${feed}-${experiment.name}-${hash.slice(0, 8)}`,
    kind: 'paper' as const,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
  };
  const begun = await historyOf(database.pool, session.id);
  const untilMs = begun?.untilMs ?? Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!));
  const known = bars.map((columns) => barsUntil(columns, untilMs));
  const history: SessionHistory = { untilMs, bars: dataHash(known) };
  if (begun !== null && begun.bars !== history.bars) {
    throw new InputError(
      `the bars before ${new Date(untilMs).toISOString()} have changed since session "${session.id}" began`,
      'Begin another one with --session ID.',
    );
  }
  const definition = { experimentHash: hash, featureSetHash: set.hash, feed, history };
  return { bars: known, session: { ...session, definition } };
}

/** The bars that closed at `closeTimeMs` or before. */
function barsUntil(columns: BarColumns, closeTimeMs: number): BarColumns {
  let to = columns.length;
  while (to > 0 && columns.closeTimeMs[to - 1]! > closeTimeMs) to--;
  return sliceBarColumns(columns, 0, to);
}

/** The vendor asked for, or the one that the experiment's data come from. */
function vendorOf({ data }: Experiment, wanted: string = data.source): VendorName {
  const found = VENDOR_NAMES.find((name) => name === wanted);
  if (found !== undefined) return found;
  throw new InputError(`${wanted} has no live feed.`, `Name one by --vendor: ${VENDOR_NAMES.join(', ')}.`);
}

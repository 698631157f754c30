import { sliceBarColumns, type BarColumns } from '../../features/bar.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { actionsHash, universeActionsHash, type DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { dataHash } from '../../pipelines/bars/bar-fingerprint.ts';
import { closesBetween } from '../../pipelines/calendars/closes-between.ts';
import { openLiveFeed } from '../../pipelines/feeds/open-live-feed.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import { VENDOR_NAMES, type VendorName } from '../../pipelines/vendors/vendor.ts';
import type { Replay } from './paper-command.ts';
import { LiveActions } from './live/live-actions.ts';
import { liveTail } from './live/live-tail.ts';
import { recordedActions } from './live/recorded-actions.ts';
import { historyOf, type SessionDefinition, type SessionHistory } from './session-store.ts';
import { createModelStrategy } from '../strategies/model-signals.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { LiveModels, requireChampion } from './live-models.ts';
import { LivePredictor } from './live/live-predictor.ts';
import { ingestMarketData, loadBars, type LoadedBars, type MarketData } from '../../models/experiment/market-data.ts';
import { actionsFrom, sessionRules, thresholdsOf } from './session-rules.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';

/** What a user asks for besides the experiment. */
export interface AskedSession {
  readonly vendor?: string | undefined;
  readonly session?: string | undefined;
  readonly realJumps?: boolean | undefined;
}

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
export async function liveExperiment(context: CommandContext, name: string, asked: AskedSession): Promise<Replay> {
  const { config, progress, signal } = context;
  const note = (text: string): void => progress.note(text);
  const files = { vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), files);
  requireModelAlone(name, experiment);
  const feed = vendorOf(experiment, asked.vendor);
  const database = await context.database();
  await requireChampion(database, { experiment, asked: name });
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const { set, instruments, calendar } = market;
  const stored = await loadBars(database, market.reference);
  const begun = await sessionOf(database, { ...market, ...stored }, { feed, id: asked.session });
  const { bars, session, actions } = begun;
  const symbols = instruments.map(({ symbol }) => symbol);
  const rows = { experiment, asked: name, featureSetHash: set.hash, symbols };
  const models = new LiveModels(database, rows);
  const champion = await models.requireFitting();
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
      actions: actionsFrom(actions, bars) ?? actions.map(() => []),
    },
    session,
    live: {
      ...liveTail({
        models,
        predictor,
        actions: new LiveActions({
          symbols,
          shares: instruments.map(({ assetClass }) => calendar.name === 'us-equities' && assetClass !== 'index'),
          calendar,
          historyMs: bars.map(lastOpenMs),
          adjust: experiment.data.adjust,
          trustActions: experiment.data.trustActions === true,
          realJumps: asked.realJumps === true,
          recorded: recordedActions({ database, note, nowMs: context.clock }, market, files.vendors),
          note,
        }),
        lateBars: (closeTimeMs) => closesBetween(calendar, experiment.data.timeframe, closeTimeMs, context.clock()),
        note,
      }),
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

/** A live session trades the model by itself: never a part of what the experiment says. */
function requireModelAlone(name: string, { strategies }: Experiment): void {
  if (strategies === undefined) return;
  throw new InputError(
    `${name}: strategies: a live feed is traded by the champion alone`,
    'Replay them by `paper` without --feed live, or leave strategies out.',
  );
}

function describeChampion({ label, expiresAtMs }: { label: string; expiresAtMs: number }, newestMs: number): string {
  if (expiresAtMs === Infinity) return `${label}, the champion, trades`;
  const day = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (newestMs <= expiresAtMs) return `${label}, the champion, trades until it expires on ${day}`;
  return `${label}, the champion, expired on ${day}: its signals are refused. Train again and promote.`;
}

/** A live session, and what it begins with. */
interface BegunSession {
  readonly bars: BarColumns[];
  /** Splits and dividends of that history. */
  readonly actions: readonly (readonly DatedAction[])[];
  readonly session: SessionDefinition;
}

/**
 * A live session and the history that it begins with. The model is no part of its identity: the registry decides that
 * bar by bar, and it is recorded with each. InputError where the history of a session that goes on is not what it was.
 */
async function sessionOf(
  database: Database,
  { experiment, bars, actions, set, instruments }: MarketData & LoadedBars,
  { feed, id }: { feed: string; id: string | undefined },
): Promise<BegunSession> {
  const hash = experimentHash(experiment);
  const session = {
    id: id ?? `paper-${feed}-${experiment.name}-${hash.slice(0, 8)}`,
    kind: 'paper' as const,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    experiment: experiment.name,
  };
  const begun = await historyOf(database.pool, session.id);
  const untilMs = begun?.untilMs ?? Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!));
  const known = bars.map((columns) => barsUntil(columns, untilMs));
  // What comes into effect later is learnt of when it does, and recorded with the session's own bars.
  const past = actions.map((list, s) => list.filter(({ effectiveMs }) => effectiveMs <= lastOpenMs(known[s]!)));
  const found = { untilMs, bars: dataHash(known), actions: universeActionsHash(past.map(actionsHash)) };
  // Sessions that began before actions were part of their history go on without.
  const history: SessionHistory =
    begun?.actions === undefined && begun !== null ? { untilMs, bars: found.bars } : found;
  if (begun !== null) requireSame(session.id, begun, history);
  const definition = { experimentHash: hash, featureSetHash: set.hash, feed, history };
  return { bars: known, actions: past, session: { ...session, definition } };
}

function requireSame(id: string, begun: SessionHistory, { untilMs, bars, actions }: SessionHistory): void {
  const changed = begun.bars !== bars ? 'bars' : begun.actions !== actions ? 'splits and dividends' : null;
  if (changed === null) return;
  throw new InputError(
    `the ${changed} before ${new Date(untilMs).toISOString()} have changed since session "${id}" began`,
    'Begin another one with --session ID.',
  );
}

const lastOpenMs = ({ openTimeMs, length }: BarColumns): number => (length === 0 ? -Infinity : openTimeMs[length - 1]!);

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

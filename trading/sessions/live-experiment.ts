import { barsClosedBy, type BarColumns } from '../../features/bar.ts';
import type { Instrument } from '../../features/instrument.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Experiment } from '../../models/experiment/experiment.ts';
import { experimentPath } from '../../models/experiment/experiment-names.ts';
import { experimentHash } from '../../models/experiment/load-experiment.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { isSet } from '../../models/experiment/limits-schema.ts';
import { actionsHash, universeActionsHash, type DatedAction } from '../../pipelines/adjustments/corporate-action.ts';
import { dataHash } from '../../pipelines/bars/bar-fingerprint.ts';
import { hasHours } from '../../pipelines/calendars/calendar.ts';
import { systemVendorAccess } from '../../pipelines/vendors/vendor-access.ts';
import type { SessionOptions } from './historical-session.ts';
import type { Replay } from './replay.ts';
import { rulesOf, rulesSession, type ExperimentRules } from './rules-experiment.ts';
import { sessionEvents, type SessionEvents } from './live/live-events.ts';
import { LiveActions } from './live/live-actions.ts';
import { championDeciding, RULES_DECIDING, type LiveDeciding } from './live/live-deciding.ts';
import { liveTail } from './live/live-tail.ts';
import { openedFeed } from './live/opened-feed.ts';
import { recordedActions } from './live/recorded-actions.ts';
import { extendedReasons } from './session-reasons.ts';
import { historyOf, type SessionDefinition, type SessionHistory } from './session-store.ts';
import { createModelStrategy } from '../strategies/model-signals.ts';
import { checkedExperiment } from '../../models/experiment/checked-experiment.ts';
import { LiveModels, requireChampion } from './live-models.ts';
import { LivePredictor } from './live/live-predictor.ts';
import { ingestMarketData, loadBars, type LoadedBars, type MarketData } from '../../models/experiment/market-data.ts';
import { actionsFrom, sessionRules, thresholdsOf } from './session-rules.ts';
import { simulatedBroker } from '../brokers/simulated/simulated-broker.ts';
import { VENUE_EMERGENCY } from '../risk/degradation/emergency-rule.ts';
import { observingBroker } from '../brokers/observing-broker.ts';
import type { SessionMode } from './asked/session-mode.ts';
import { observedByShadows, prepareShadows } from './shadows/session-shadows.ts';
import { ShadowRecorder } from './shadows/shadow-recorder.ts';
import { shadowed } from './shadows/shadowed-strategy.ts';
import { defaultFeed, vendorOf, venueName } from './venue/market-feed.ts';
import { silentUntil } from './venue/silent-until.ts';
import { prepareVenue } from './venue/reach-venue.ts';
import { emulatedLines, reconciliationOf, requireTradable, type VenuePlan } from './venue/venue-plan.ts';

/** What a user asks for besides the experiment. */
export interface AskedSession {
  readonly vendor?: string | undefined;
  readonly session?: string | undefined;
  readonly realJumps?: boolean | undefined;
  /** Seconds that one decision of a strategy's file may take. */
  readonly deadline?: string | undefined;
  /** The venue at which it trades; absent where it is simulated. */
  readonly venue?: VenuePlan | undefined;
  /** Where that is, or, without `venue`, where it traded what is only looked at again. */
  readonly broker?: string | undefined;
  /** Of a live account; on paper where absent. */
  readonly kind?: 'paper' | 'live' | undefined;
  /** Models and strategies that run beside it and are never traded. */
  readonly shadow?: readonly string[] | undefined;
  /** What becomes of its orders, where that was said. */
  readonly mode?: SessionMode | null | undefined;
}

/**
 * An experiment as a paper session on a live feed. Nothing is trained. Rules, limits and costs are those of the
 * experiment as it stands. InputError where an ensemble is one of several strategies, for a model see `byChampion`.
 *
 * A session that was stopped goes on from the history that it began with, whatever the store has got since: what came
 * after that it recorded itself.
 */
export async function liveExperiment(context: CommandContext, name: string, asked: AskedSession): Promise<Replay> {
  const { config, progress, signal } = context;
  const note = (text: string): void => progress.note(text);
  const files = { vendors: systemVendorAccess(config.vendors) };
  const experiment = await checkedExperiment(experimentPath(name), { ...files, rules: true });
  requireOneKind(name, experiment);
  const rules = await rulesOf(experiment, asked.deadline);
  const feed = vendorOf(experiment, asked.vendor ?? defaultFeed(experiment, venueName(asked)));
  const database = await context.database();
  if (rules === null) await requireChampion(database, { experiment, asked: name });
  const market = await ingestMarketData(database, { experiment, ...files, progress, signal });
  const { calendar } = market;
  if (market.finer !== null && asked.venue === undefined) {
    note('costs.intrabar: a feed brings no finer bars: inside a bar what stops a loss comes first');
  }
  const stored = await loadBars(database, market.reference);
  const begun = await sessionOf(database, { ...market, ...stored }, { ...asked, feed, rules });
  const { bars, session, actions, instruments, venue, set, events } = begun;
  if (venue !== undefined) requireDone(experiment, instruments, { venue, mode: asked.mode, note });
  const symbols = instruments.map(({ symbol }) => symbol);
  const known = { ...market, set, instruments, bars, actions };
  const isSilent = venueName(asked) !== null || asked.mode === 'observation';
  const trader =
    rules === null
      ? await byChampion(database, known, { asked: name, note })
      : byRules(known, rules, isSilent ? null : note);
  const { options, deciding, shadows } = await besideShadows(database, known, trader, {
    ...{ name, note, words: asked.shadow ?? [] },
    sessionId: session.id,
  });
  for (const line of extendedReasons(options)) note(line);
  const reached = reachedBy({ ...asked, venue });
  const { open, ...late } = openedFeed({
    vendor: feed,
    symbols,
    timeframe: experiment.data.timeframe,
    calendar,
    access: files.vendors,
    // The collar is all that looks at them.
    quotes: isSet(options.limits.priceCollarFraction),
    clock: context.clock,
  });
  return {
    bars,
    options: { ...optionsOf(options, asked, reached), actions: options.actions ?? actions.map(() => []) },
    session,
    ...reached,
    shadows,
    costs: experiment.costs,
    live: {
      ...liveTail({
        deciding,
        events,
        actions: new LiveActions({
          symbols,
          shares: instruments.map(({ assetClass }) => hasHours(calendar) && assetClass !== 'index'),
          calendar,
          historyMs: bars.map(lastOpenMs),
          adjust: experiment.data.adjust,
          trustActions: experiment.data.trustActions === true,
          realJumps: asked.realJumps === true,
          recorded: recordedActions({ database, note, nowMs: context.clock }, market, files.vendors),
          note,
        }),
        ...late,
        note,
      }),
      open,
    },
  };
}

/** A session's options where its orders go: by the venue's rule of reconciliation, or to nobody. */
function optionsOf(
  options: SessionOptions,
  { mode }: Pick<AskedSession, 'mode'>,
  { venue }: Pick<Replay, 'venue'>,
): SessionOptions {
  const broker = mode === 'observation' ? { broker: observingBroker } : {};
  // What the venue takes for holding it tells itself.
  const holding = venue?.broker.paymentsSince === undefined ? {} : { financing: undefined };
  const atVenue = venue === undefined ? {} : { reconciliation: reconciliationOf(venue), emergency: VENUE_EMERGENCY };
  return { ...options, ...broker, ...holding, ...atVenue };
}

/** What the experiment asks for can be done at the venue; what is done there in another way is said. */
function requireDone(
  experiment: Experiment,
  instruments: readonly Instrument[],
  {
    venue,
    mode,
    note,
  }: Pick<AskedSession, 'mode'> & { readonly venue: VenuePlan; readonly note: (text: string) => void },
): void {
  requireTradable(experiment, instruments, venue);
  const leaves = reachedBy({ mode, venue }).venue !== undefined;
  for (const line of leaves ? emulatedLines(experiment, venue, instruments) : []) note(line);
}

/** The same trader, with the shadows that were asked for, and what records them. */
async function besideShadows(
  database: Database,
  market: MarketData & LoadedBars,
  { options, deciding }: Trader,
  asked: { name: string; words: readonly string[]; sessionId: string; note: (text: string) => void },
): Promise<Trader & Pick<Replay, 'shadows'>> {
  const { words, note, name, sessionId } = asked;
  if (words.length === 0) return { options, deciding };
  const shadows = await prepareShadows(database, market, { asked: name, words });
  const recorder = new ShadowRecorder(database.pool, sessionId);
  const strategy = shadowed(options.strategy, {
    symbols: market.instruments.map(({ symbol }) => symbol),
    shadows,
    untilMs: Math.max(...market.bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1] ?? -Infinity)),
    record: (signal) => recorder.add(signal),
    note,
  });
  note(`beside it, never traded: ${shadows.map((shadow) => shadow.name).join(', ')}`);
  return { options: { ...options, strategy }, deciding: observedByShadows(deciding, shadows), shadows: recorder };
}

/** The venue that a session's orders go to, or the one that it only looks at: its account is shown beside the books. */
function reachedBy({ venue, mode = null }: AskedSession): Pick<Replay, 'venue' | 'beside'> {
  return mode === null || mode === 'live' ? { venue } : { beside: venue };
}

/** What trades a live session, and what its tail asks at each close. */
interface Trader {
  readonly options: SessionOptions;
  readonly deciding: LiveDeciding;
}

/**
 * History warms features and session up without a trade, then the version that the registry names its champion trades
 * what comes: a model that nobody looked at must not trade, and bars do not wait for a training. Its members, backend
 * and life are those of its training. InputError where there is no champion, or where it was trained on other features,
 * symbols or adjustments.
 */
async function byChampion(
  database: Database,
  { experiment, bars, actions, set, instruments, calendar }: MarketData & LoadedBars,
  { asked, note }: { asked: string; note: (text: string) => void },
): Promise<Trader> {
  const symbols = instruments.map(({ symbol }) => symbol);
  const models = new LiveModels(database, { experiment, asked, featureSetHash: set.hash, symbols });
  const champion = await models.requireFitting();
  note(describeChampion(champion, Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!))));
  const predictor = new LivePredictor({ set, symbols, actions, keptRows: await models.keptRows() });
  const options = {
    instruments,
    strategy: createModelStrategy((symbol) => predictor.predictorOf(symbol), thresholdsOf(experiment)),
    broker: simulatedBroker(experiment.costs),
    ...sessionRules(experiment, bars, calendar),
    actions: actionsFrom(actions, bars),
  };
  return { options, deciding: championDeciding({ models, predictor, note }) };
}

/**
 * The experiment's strategies trade its history first, as their backtest does, and then what comes: the session is that
 * backtest going on. What a rule remembers, holds and has resting is the same in both. At a venue (`note` is null) they
 * see history without trading it: the account there begins with the session.
 */
function byRules(
  market: MarketData & LoadedBars,
  rules: ExperimentRules,
  note: ((text: string) => void) | null,
): Trader {
  const { bars, ...options } = rulesSession(market, rules, null);
  if (note === null) {
    const untilMs = Math.max(
      ...bars.map(({ closeTimeMs, length }) => (length === 0 ? -Infinity : closeTimeMs[length - 1]!)),
    );
    return { options: { ...options, strategy: silentUntil(options.strategy, untilMs) }, deciding: RULES_DECIDING };
  }
  const lastMs = Math.max(...bars.map(lastOpenMs));
  const names = rules.named.map(([{ name }]) => name).join(', ');
  const day = new Date(lastMs).toISOString().slice(0, 10);
  note(`${names}: the account is that of the backtest until ${day}, and goes on with the feed`);
  return { options, deciding: RULES_DECIDING };
}

/** A model and rules do not share an account here: predictions of the past would be those of no version. */
function requireOneKind(name: string, { strategies = [] }: Experiment): void {
  const at = strategies.findIndex(({ kind }) => kind === 'ensemble');
  if (at < 0) return;
  throw new InputError(
    `${name}: strategies[${at}]: a live feed is traded by rules or by the champion, and kind ensemble mixes them`,
    'Leave that strategy out, leave strategies out to trade the champion, or replay them without --feed live.',
  );
}

function describeChampion({ label, expiresAtMs }: { label: string; expiresAtMs: number }, newestMs: number): string {
  if (expiresAtMs === Infinity) return `${label}, the champion, trades`;
  const day = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (newestMs <= expiresAtMs) return `${label}, the champion, trades until it expires on ${day}`;
  return `${label}, the champion, expired on ${day}: its signals are refused. Train again and promote.`;
}

/** A live session, and what it begins with. */
interface BegunSession extends Pick<SessionEvents, 'set' | 'events'> {
  readonly bars: BarColumns[];
  /** Splits and dividends of that history. */
  readonly actions: readonly (readonly DatedAction[])[];
  readonly session: SessionDefinition;
  /** As the venue has them, where there is one. */
  readonly instruments: readonly Instrument[];
  readonly venue: VenuePlan | undefined;
}

/**
 * A live session and the history that it begins with. The model is no part of its identity: the registry decides that
 * bar by bar, and it is recorded with each. Strategies are, files by their text. InputError where the history of a
 * session that goes on is not what it was.
 */
async function sessionOf(
  database: Database,
  { experiment, bars, actions, instruments, ...market }: MarketData & LoadedBars,
  {
    feed,
    session: id,
    rules,
    venue: reached,
    ...asked
  }: AskedSession & { feed: string; rules: ExperimentRules | null },
): Promise<BegunSession> {
  const hash = rules?.hash ?? experimentHash(experiment);
  const { kind = 'paper', mode = null } = asked;
  const where = `${reached === undefined ? feed : `at-${reached.broker.name}`}${mode === null ? '' : `-${mode}`}`;
  const session = {
    id: id ?? `${kind}-${where}-${experiment.name}-${hash.slice(0, 8)}`,
    kind,
    symbols: instruments.map(({ symbol }) => symbol),
    capital: experiment.capital,
    experiment: experiment.name,
  };
  const begun = await historyOf(database.pool, session.id);
  const { set, events, eventsTo } = await sessionEvents(database, { experiment, ...market }, begun?.eventsTo);
  const prepared = reached === undefined ? null : await prepareVenue(reached, instruments, begun?.venue ?? null);
  const untilMs = begun?.untilMs ?? Math.max(...bars.map(({ closeTimeMs, length }) => closeTimeMs[length - 1]!));
  const known = bars.map((columns) => barsClosedBy(columns, untilMs));
  // What comes into effect later is learnt of when it does, and recorded with the session's own bars.
  const past = actions.map((list, s) => list.filter(({ effectiveMs }) => effectiveMs <= lastOpenMs(known[s]!)));
  const found = { untilMs, bars: dataHash(known), actions: universeActionsHash(past.map(actionsHash)) };
  // Sessions that began before actions were part of their history go on without.
  const history: SessionHistory =
    begun?.actions === undefined && begun !== null ? { untilMs, bars: found.bars } : found;
  if (begun !== null) requireSame(session.id, begun, history);
  const venue = prepared?.venue;
  const beginning = prepared?.beginning === undefined ? {} : { venue: prepared.beginning };
  const features = rules === null ? { featureSetHash: set.hash } : {};
  const adopts = venue?.foreign === 'adopt' ? { foreign: venue.foreign } : {};
  const at = venue === undefined ? {} : { broker: venue.broker.name, account: venue.account.id, ...adopts };
  const told = { ...at, ...(mode === null ? {} : { mode }) };
  const definition = {
    experimentHash: hash,
    ...features,
    feed,
    ...told,
    history: { ...history, ...(eventsTo === undefined ? {} : { eventsTo }), ...beginning },
  };
  // One that is only looked at again trades what it traded there.
  const own = prepared?.instruments ?? begun?.venue?.instruments ?? instruments;
  const traded = { instruments: own, venue };
  return { set, events, bars: known, actions: past, session: { ...session, definition }, ...traded };
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

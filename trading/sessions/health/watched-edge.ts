import { steadyBeside } from '../../../infra/clock.ts';
import type { CommandContext } from '../../../infra/command.ts';
import { tapedBroker, type VenueExchange } from '../../brokers/venue/request-tape.ts';
import { DEFAULT_PATIENCE } from '../../execution/venue-patience.ts';
import type { DurableJournal } from '../../journal/durable-journal.ts';
import type { KeptRecord } from '../record/keep-record.ts';
import type { OrderLatencies } from '../latency/order-latencies.ts';
import type { Replay } from '../replay.ts';
import { listSessions } from '../session-store.ts';
import { VenueEdge } from '../venue/venue-edge.ts';
import { VenueInputStore } from '../venue/venue-input-store.ts';
import type { VenuePlan } from '../venue/venue-plan.ts';
import { SessionHealth, type HealthOptions } from './session-health.ts';

/** By how much the clocks of database, venue and session may differ. */
const CLOCKS_APART_MS = 60_000;

/** A session's side of its venue, where it has one, and what watches over it, where it runs on live data. */
export interface WatchedEdge {
  readonly venue: VenueEdge | undefined;
  /** To be ended with the session. */
  readonly health: SessionHealth | null;
}

/** What the edge is made with. */
interface EdgeParts {
  readonly latencies: OrderLatencies;
  /** Null for a session of which nothing is written. */
  readonly kept: KeptRecord | null;
  /** Sees each request about an order, and what was answered. */
  readonly onRequest: ((exchange: VenueExchange) => void) | undefined;
  /** Hears of what the watch sees. */
  readonly onSigns?: HealthOptions['onSigns'];
}

export async function watchedEdge(context: CommandContext, replay: Replay, beside: EdgeParts): Promise<WatchedEdge> {
  const { live, session, options } = replay;
  const plan = tapedPlan(replay.venue, beside);
  if (live === undefined)
    return { venue: plan === undefined ? undefined : await edgeOf(context, replay, plan, beside), health: null };
  const { id: sessionId, symbols } = session;
  const protects = options.protection !== undefined;
  const { overdue } = live;
  const { onSigns } = beside;
  const about = { sessionId, symbols, protects, overdue, onSigns };
  const health = await SessionHealth.begin(context, { ...about, ...replay.health });
  if (plan === undefined) return { venue: undefined, health };
  try {
    const venue = await edgeOf(context, replay, { ...plan, broker: health.guard(plan.broker) }, beside);
    health.meet(venue);
    return { venue, health };
  } catch (error) {
    await health.end();
    throw error;
  }
}

/** The session's journal, as both of them hear it. */
export function heardBy(journal: DurableJournal, { venue, health }: WatchedEdge): DurableJournal {
  const heard = health?.heard(journal) ?? journal;
  return venue?.journal(heard) ?? heard;
}

function tapedPlan(plan: VenuePlan | undefined, { onRequest }: EdgeParts): VenuePlan | undefined {
  if (plan === undefined || onRequest === undefined) return plan;
  return { ...plan, broker: tapedBroker(plan.broker, onRequest) };
}

/** The session's side of its venue, with what it was told before it was stopped. */
async function edgeOf(
  context: CommandContext,
  { options, session }: Replay,
  plan: VenuePlan,
  { latencies, kept }: EdgeParts,
): Promise<VenueEdge> {
  const { pool } = await context.database();
  const store = new VenueInputStore(pool, session.id);
  const begun = await listSessions(pool, { ids: [session.id] });
  const edge = new VenueEdge({
    broker: plan.broker,
    instruments: options.instruments,
    sessionId: session.id,
    store: kept === null ? store : { append: (inputs) => Promise.resolve(kept.record.addInputs(inputs)) },
    mayOpen: () => kept?.record.isLocal !== true,
    recorded: await store.read(),
    patience: plan.patience ?? DEFAULT_PATIENCE,
    clock: context.clock,
    steady: steadyBeside(context.clock),
    sinceMs: begun[0]!.startedAt.getTime() - CLOCKS_APART_MS,
    note: (text) => context.progress.note(text),
    onStep: (sequence, step) => latencies.mark(sequence, step),
  });
  kept?.record.heardBy((place) => edge.recordsTo(place));
  return edge;
}

import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import { newestEntries } from '../../../infra/audit/audit-store.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { findVersion, trainingOf } from '../../../models/registry/model-store.ts';
import { readTraining } from '../../../models/registry/training-store.ts';
import { rowsHash } from '../../../pipelines/events/events-hash.ts';
import { readFeatures } from '../../../pipelines/materialized/feature-store.ts';
import { orderFacts, readRefusals } from '../../journal/journal-store.ts';
import { readLatencies } from '../latency/latency-store.ts';
import { readRequests } from '../requests/request-store.ts';
import { SessionBars } from '../session-bar-store.ts';
import type { ListedSession } from '../session-store.ts';
import { VenueInputStore } from '../venue/venue-input-store.ts';
import { chosenSession } from './chosen-session.ts';

/** Requests about an order that are told, at the most. */
const REQUESTS_MAX = 100;

/** Why a part of the trail is not there, in place of the part. */
interface Absent {
  readonly absent: string;
}

/**
 * What an order rests on and what came of it: the bar, the feature row, the model's version, the signal with its
 * reasons, the decision of risk with its limits, what the venue said, what was sent to it and answered, the fills, and
 * the session's entries of the audit until then. What was not recorded says why.
 * @throws InputError for an order that there is not
 */
export async function orderTrail(database: Database, named: string, asked?: string): Promise<CommandOutput> {
  const { pool } = database;
  const session = await chosenSession(database, asked);
  const facts = await orderFacts(pool, session.id, named);
  if (facts === undefined) {
    throw new InputError(`Session "${session.id}" has no order ${named}.`, 'signalbox orders lists them.');
  }
  const { order, signal, parent, parentEnd, amendments, fills } = facts;
  // What is executed in parts was decided on when it began.
  const atMs = new Date((parent?.time as string | undefined) ?? order.time).getTime();
  const bar = await barOf(database, session, order.symbol, atMs);
  const decidedBy = 'absent' in bar ? null : bar.decidedBy;
  const model = await modelOf(database, session, signal?.model ?? null, decidedBy);
  const features = await featuresOf(database, model, order.symbol, atMs);
  const venue = await new VenueInputStore(pool, session.id).ofOrder(order.sequence);
  const refusals = await readRefusals(pool, session.id, {
    limit: 50,
    before: Number(order.record) + 20,
    symbol: order.symbol,
  });
  const entries = await newestEntries(pool, { sessionId: session.id, limit: 50 });
  const [start] = await newestEntries(pool, { sessionId: session.id, action: 'session-start', limit: 1 });
  const audit = entries.map(({ details, ...entry }) => ({ ...entry, details: JSON.parse(details) as unknown }));
  const value = {
    session: session.id,
    bar,
    features,
    model,
    signal,
    risk: {
      clippedBy: order.clipped_by ?? null,
      reduces: order.reduces,
      limits: start === undefined ? null : (JSON.parse(start.details) as { limits?: unknown }).limits,
      refusals: refusals.filter(({ time }) => time.getTime() === atMs),
    },
    order,
    parent,
    parentEnd,
    latency: (await readLatencies(pool, session.id, [order.sequence])).get(order.sequence) ?? null,
    venue: venue.map(({ event }) => event),
    requests: await readRequests(pool, session.id, { sequence: order.sequence, limit: REQUESTS_MAX }),
    amendments,
    fills,
    audit,
  };
  return { value, text: () => trailText(value) };
}

type Trail = Record<string, unknown> & { readonly session: string };

/** One part a line, as it stands in the document. */
function trailText(trail: Trail): string {
  const lines = Object.entries(trail).flatMap(([part, value]) => {
    const one = Array.isArray(value) ? (value as unknown[]) : [value];
    if (one.length === 0) return [`${part.padEnd(10)} none`];
    return one.map((line, at) => `${(at === 0 ? part : '').padEnd(10)} ${lineOf(line)}`);
  });
  return lines.join('\n');
}

function lineOf(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value !== 'object') return String(value);
  if ('absent' in value) return `not here: ${String(value.absent)}`;
  const known = Object.entries(value).filter(([, one]) => one !== null && one !== undefined);
  return known.map(([key, one]) => `${key} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`).join(', ');
}

async function barOf({ pool }: Database, session: ListedSession, symbol: string, atMs: number) {
  const bar = await new SessionBars(pool, session.id).at(session.symbols.indexOf(symbol), atMs);
  return (
    bar ?? ({ absent: 'bars of history are those of the data that the session names, not recorded again' } as Absent)
  );
}

interface TracedModel {
  readonly name: string | null;
  readonly modelHash: string | null;
  readonly trainingHash: string;
}

/** The version in charge, or the training whose stored predictions were replayed. */
async function modelOf(
  { pool }: Database,
  { definition }: ListedSession,
  label: string | null,
  decidedBy: string | null,
): Promise<TracedModel | Absent> {
  const version = label?.includes('@') === true ? await findVersion(pool, label).catch(() => null) : null;
  const modelHash = decidedBy ?? version?.modelHash ?? null;
  const trainingHash = modelHash === null ? definition.trainingHash : await trainingOf(pool, modelHash);
  if (typeof trainingHash === 'string') return { name: label, modelHash, trainingHash };
  return { absent: label === null ? 'no model said it: the strategy is one of rules' : `${label} was deleted` };
}

/** The row of features that the model was given, where it is stored. */
async function featuresOf(
  database: Database,
  model: TracedModel | Absent,
  symbol: string,
  atMs: number,
): Promise<Readonly<Record<string, number | null>> | Absent> {
  if ('absent' in model) return model;
  try {
    const plan = await readTraining(database.pool, model.trainingHash);
    const ids = plan.series.map(({ id }) => id);
    const adjustments = plan.series.map(rowsHash);
    const matrices = await readFeatures(database, plan.featureSetHash, ids, { fromMs: atMs, toMs: atMs, adjustments });
    const matrix = matrices[plan.series.findIndex((one) => one.symbol === symbol)];
    if (matrix === undefined || matrix.length === 0) return { absent: 'its row is not stored: `materialize` makes it' };
    const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return Object.fromEntries(matrix.columns.map((name, at) => [name, finite(matrix.values[at]!)]));
  } catch (error) {
    return { absent: (error as Error).message };
  }
}

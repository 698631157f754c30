import type pg from 'pg';
import { SignalboxError } from '../../infra/errors.ts';
import type { Transactional } from '../../infra/postgres/joined-transaction.ts';
import { lockSeries, type StoredSeries } from '../bars/bar-series-store.ts';
import { calendarNamed } from '../calendars/calendar-named.ts';
import { isoDay, parseDay, type Day } from '../calendars/day.ts';
import {
  actionsHash,
  actionsOfMode,
  dateAction,
  type AdjustMode,
  type CorporateAction,
  type DatedAction,
} from './corporate-action.ts';

/** What bars of one series are adjusted by. */
export interface SeriesAdjustment {
  readonly actions: readonly DatedAction[];
  /** Identifies them; empty for raw bars. */
  readonly hash: string;
}

interface Row {
  id: number;
  kind: CorporateAction['kind'];
  ex_date: string;
  effective_at: Date;
  value: number;
  known_at: Date;
  origin: string;
}

type Queryable = Pick<pg.ClientBase, 'query'>;

async function selectActions(client: Queryable, seriesIds: readonly number[]): Promise<Map<number, Row[]>> {
  const { rows } = await client.query<Row & { series_id: number }>(
    `SELECT id, series_id, kind, ex_date::text AS ex_date, effective_at, value, known_at, origin FROM corporate_actions
     WHERE series_id = ANY($1) AND superseded_at IS NULL ORDER BY effective_at, kind`,
    [seriesIds],
  );
  const bySeries = new Map<number, Row[]>();
  for (const row of rows) bySeries.set(row.series_id, [...(bySeries.get(row.series_id) ?? []), row]);
  return bySeries;
}

const toAction = ({ kind, value, effective_at, known_at }: Row): DatedAction => ({
  kind,
  value,
  effectiveMs: effective_at.getTime(),
  knownAtMs: known_at.getTime(),
});

/** All actions on record of each series, in the order of `seriesIds`. */
export async function readActions(client: Queryable, seriesIds: readonly number[]): Promise<DatedAction[][]> {
  const found = await selectActions(client, seriesIds);
  return seriesIds.map((id) => (found.get(id) ?? []).map(toAction));
}

/** An action as it stands on record, with where it came from. */
interface RecordedAction {
  readonly kind: CorporateAction['kind'];
  readonly exDate: string;
  /** New shares per old one, or cash per share. */
  readonly value: number;
  readonly knownAt: Date;
  readonly origin: string;
}

/** What is believed of a series, by the moment that it takes effect. */
export async function recordedActions(client: Queryable, seriesId: number): Promise<RecordedAction[]> {
  const rows = (await selectActions(client, [seriesId])).get(seriesId) ?? [];
  return rows.map(({ kind, ex_date: exDate, value, known_at: knownAt, origin }) => {
    return { kind, exDate, value, knownAt, origin };
  });
}

/**
 * What the bars of each series are adjusted by: the actions of `mode` that take effect after the first bar in range and
 * not after the last. One that is announced but still to come changes nothing, and so does not change what identifies
 * the data either.
 */
export async function seriesAdjustments(
  client: Queryable,
  series: readonly StoredSeries[],
  mode: AdjustMode,
  range: { readonly fromMs: number; readonly toMs: number } = { fromMs: -Infinity, toMs: Infinity },
): Promise<SeriesAdjustment[]> {
  const found =
    mode === 'raw'
      ? series.map(() => [])
      : await readActions(
          client,
          series.map(({ id }) => id),
        );
  return series.map(({ firstOpenMs, lastOpenMs }, s) => {
    const first = Math.max(firstOpenMs, range.fromMs);
    const last = Math.min(lastOpenMs, range.toMs);
    const inRange = found[s]!.filter(({ effectiveMs }) => effectiveMs > first && effectiveMs <= last);
    const actions = actionsOfMode(inRange, mode);
    return { actions, hash: actionsHash(actions) };
  });
}

/** What reports say of the actions that are taken out of the bars; null where there are none. */
export function adjustmentStatement(adjustments: readonly SeriesAdjustment[]): string | null {
  const all = adjustments.flatMap(({ actions }) => actions);
  if (all.length === 0) return null;
  const splits = all.filter(({ kind }) => kind === 'split').length;
  const counted = `${splits} ${splits === 1 ? 'split' : 'splits'} and ${all.length - splits} ${all.length - splits === 1 ? 'dividend' : 'dividends'}`;
  return `${counted} are taken out of features, labels and returns; orders are filled at prices as traded.`;
}

/** A source of actions says something else than what is on record. Nothing was changed. */
export class ChangedActionsError extends SignalboxError {}

export interface RecordActionsOptions {
  /** Where the actions come from, for the record. */
  readonly origin: string;
  /** Take over corrections instead of refusing them. */
  readonly revise: boolean;
  /**
   * The actions are all that this origin has with ex-dates in these days; what others put on record stays. Default: all
   * there are.
   */
  readonly part?: { readonly fromDay: Day; readonly toDay: Day };
}

/**
 * Puts all actions of one series (or a part of them) on record: new ones are added, equal ones left alone. One that
 * differs, or is no longer there, is refused, or with `revise` superseded; what was believed before stays readable.
 * Returns how many rows changed.
 */
export async function recordActions(
  database: Transactional,
  series: StoredSeries,
  actions: readonly CorporateAction[],
  options: RecordActionsOptions,
): Promise<number> {
  const calendar = calendarNamed(series.calendar);
  return database.transaction(async (client) => {
    await lockSeries(client, series.id);
    const believed = (await selectActions(client, [series.id])).get(series.id) ?? [];
    const compared = believed.filter((row) => isCompared(row, options));
    const known = new Map(compared.map((row) => [keyOf(row), row]));
    const others = new Set(believed.filter((row) => !compared.includes(row)).map(keyOf));
    const dated = actions.map((action) => ({ action, dated: dateAction(action, calendar, series.timeframe) }));
    const keyed = new Map(dated.map((one) => [`${one.action.kind} ${isoDay(one.action.exDay)}`, one]));
    const offered = new Map([...keyed].filter(([key]) => !others.has(key)));
    const gone = [...known].filter(([key, row]) => {
      const dated = offered.get(key)?.dated;
      return dated?.value !== row.value || dated.knownAtMs !== row.known_at.getTime();
    });
    if (gone.length > 0 && !options.revise) throw changed(series, gone[0]![0], gone.length);
    await client.query('UPDATE corporate_actions SET superseded_at = now() WHERE id = ANY($1)', [
      gone.map(([, { id }]) => id),
    ]);
    const fresh = [...offered].filter(([key]) => !known.has(key) || gone.some(([old]) => old === key));
    for (const [, { action, dated }] of fresh) await insertAction(client, series.id, { action, dated, ...options });
    return gone.length + fresh.length;
  });
}

/** Whether what is offered has to agree with a row. */
function isCompared(row: Row, { origin, part }: RecordActionsOptions): boolean {
  if (part === undefined) return true;
  const day = parseDay(row.ex_date)!;
  return row.origin === origin && day >= part.fromDay && day <= part.toDay;
}

const keyOf = ({ kind, ex_date }: Row): string => `${kind} ${isoDay(parseDay(ex_date)!)}`;

async function insertAction(
  client: Queryable,
  seriesId: number,
  { action, dated, origin }: { action: CorporateAction; dated: DatedAction; origin: string },
): Promise<void> {
  await client.query(
    `INSERT INTO corporate_actions (series_id, kind, ex_date, effective_at, value, known_at, origin)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      seriesId,
      action.kind,
      isoDay(action.exDay),
      new Date(dated.effectiveMs),
      action.value,
      new Date(dated.knownAtMs),
      origin,
    ],
  );
}

function changed(series: StoredSeries, first: string, count: number): ChangedActionsError {
  const [kind, exDate] = first.split(' ');
  return new ChangedActionsError(
    `${count} corporate ${count === 1 ? 'action' : 'actions'} of ${series.symbol} on record differ from what is offered now, or are no longer there; the first is the ${kind} of ${exDate}.`,
    {
      remedy: 'Ingest with --revise to take over the new ones; what was computed with the old ones is computed again.',
    },
  );
}

import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { calendarNamed } from '../../pipelines/calendars/calendar-named.ts';
import { parseSymbols } from '../../pipelines/commands/command-options.ts';
import type { FileFeaturesOptions } from '../../pipelines/commands/file-features.ts';
import { dialectOf } from '../../pipelines/dialects/file-dialect.ts';
import { readTakenBars } from '../../pipelines/sources/files/bars-file.ts';
import { takenText } from '../../pipelines/sources/files/taken.ts';
import { parseTimeframe } from '../../pipelines/timeframe.ts';
import { chosenSession, secondText } from '../sessions/operators/chosen-session.ts';
import { ANOMALY_KINDS, anomalyText, anomalyValue, LEAST_MIN, LEAST_SCORE, type Anomaly } from './anomaly.ts';
import { marketAnomalies } from './market-anomalies.ts';
import { sessionAnomalies, type Looked } from './session-anomalies.ts';

/** Options of `anomalies`, as they are written. */
export interface AnomaliesOptions extends Omit<FileFeaturesOptions, 'bars'> {
  readonly bars?: string;
  readonly session?: string | undefined;
  readonly least: string;
  readonly limit: string;
}

const LIMIT_MAX = 10_000;

/** `anomalies`: of the bars of a file, or of a session. @throws InputError for options and files not in order */
export async function anomaliesCommand(context: CommandContext, options: AnomaliesOptions): Promise<CommandOutput> {
  const { bars, session } = options;
  if (bars === undefined) return anomaliesOutput(await context.database(), options);
  if (session !== undefined) throw new InputError('--bars and --session are both there.', 'Give one of them.');
  const [least, limit] = boundsOf(options);
  const reading = context.progress.stage(`read ${bars}`);
  const { universe, taken } = await readTakenBars(bars, {
    symbols: options.symbol === undefined ? undefined : [parseSymbols(options.symbol)].flat(),
    timeframe: options.timeframe === undefined ? undefined : parseTimeframe(options.timeframe),
    calendar: calendarNamed(options.calendar ?? 'none'),
    dialect: dialectOf(options),
  });
  const count = universe.reduce((sum, { length }) => sum + length, 0);
  reading.done(`${count} bars`);
  const found = universe.flatMap((one) => marketAnomalies(one, least)).sort((a, b) => a.timeMs - b.timeMs);
  const looked = { bars: count, fills: 0, predictions: 0 };
  const { value, text } = listed(bars, found, { looked, least, limit });
  return { value: { ...value, taken }, text: () => `${text()}\n${takenText(taken)}` };
}

/** Anomalies of a session, the newest last. @throws InputError where there is no such session */
export async function anomaliesOutput(
  database: Pick<Database, 'pool'>,
  { session: named, least: leastText = String(LEAST_SCORE), limit: limitText = '100' }: Partial<AnomaliesOptions>,
): Promise<{ value: ReturnType<typeof valueOf>; text: () => string }> {
  const [least, limit] = boundsOf({ least: leastText, limit: limitText });
  const session = await chosenSession(database, named);
  const { anomalies, looked } = await sessionAnomalies(database.pool, session, least);
  return listed(session.id, anomalies, { looked, least, limit });
}

function boundsOf({ least, limit }: Pick<AnomaliesOptions, 'least' | 'limit'>): [number, number] {
  const [score, count] = [Number(least), Number(limit)];
  if (!(score >= LEAST_MIN && score < Infinity))
    throw new InputError(`--least ${least} is no number from ${LEAST_MIN} on.`, `Leave it out for ${LEAST_SCORE}.`);
  if (Number.isInteger(count) && count >= 1 && count <= LIMIT_MAX) return [score, count];
  throw new InputError(`--limit ${limit} is no whole number from 1 to ${LIMIT_MAX}.`, 'Correct it.');
}

interface Listing {
  readonly looked: Looked;
  readonly least: number;
  readonly limit: number;
}

function listed(of: string, found: readonly Anomaly[], listing: Listing) {
  const value = valueOf(of, found, listing);
  return { value, text: () => textOf(of, value) };
}

function valueOf(of: string, found: readonly Anomaly[], { looked, least, limit }: Listing) {
  const shown = found.slice(-limit).map(({ timeMs, ...one }) => {
    return { time: new Date(timeMs).toISOString(), ...one, words: anomalyText({ timeMs, ...one }) };
  });
  return { of, least, looked, found: found.length, anomalies: shown };
}

function textOf(of: string, { looked, least, found, anomalies }: ReturnType<typeof valueOf>): string {
  const { bars, fills, predictions } = looked;
  const over = [
    `${bars} bars`,
    ...(fills > 0 ? [`${fills} fills`] : []),
    ...(predictions > 0 ? [`${predictions} predictions`] : []),
  ];
  const head = `${of}: ${found} ${found === 1 ? 'anomaly' : 'anomalies'}, from ${least} standard deviations on, in ${over.join(', ')}`;
  if (anomalies.length === 0) return head;
  const table = plainTable(
    ['time', 'of', 'symbol', { words: 'what' }, { number: 'value' }, { number: 'usually' }, { number: 'score' }],
    anomalies.map(({ time, of: what, symbol, kind, value, usual, score }) => [
      secondText(new Date(time)),
      what,
      symbol,
      ANOMALY_KINDS[kind].words,
      anomalyValue(kind, value),
      anomalyValue(kind, usual),
      Number(score.toFixed(1)),
    ]),
  );
  const more = found > anomalies.length ? `\nThe newest ${anomalies.length} of ${found}: --limit shows more.` : '';
  return `${head}\n${table}${more}`;
}

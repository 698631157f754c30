import { plainTable } from '../../../infra/terminal/plain-table.ts';
import type { CommandOutput } from '../../../infra/command.ts';
import { InputError } from '../../../infra/errors.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { listSessions } from '../../sessions/session-store.ts';
import { predictionOutcomes } from './prediction-outcomes.ts';
import { sumSignalOutcomes } from './signal-outcome-store.ts';

/** What of: a session's signals, or the predictions of an experiment's versions. */
export interface AskedOutcomes {
  readonly session?: string;
  readonly experiment?: string;
}

/**
 * What came of signals and predictions whose horizon has passed: how often they were right, and what a unit of them
 * brought before costs.
 * @throws InputError for a session or an experiment of which there is nothing.
 */
export async function outcomesOutput(database: Database, asked: AskedOutcomes): Promise<CommandOutput> {
  const { session, experiment } = asked;
  if (experiment === undefined) return signalOutcomes(database, session);
  if (session !== undefined) {
    throw new InputError('--session and --experiment ask for different things.', 'Give one of them.');
  }
  const rows = await predictionOutcomes(database, experiment);
  if (rows.length === 0) {
    throw new InputError(`no version of "${experiment}" is registered`, 'signalbox models list shows what there is.');
  }
  const head = ['model', 'made', 'action', 'strength', 'predictions', ...NUMBERS];
  const cells = rows.map((row) => [row.model, row.made, row.action, row.strength, row.predictions, ...figures(row)]);
  return { value: rows, text: () => plainTable(head, cells) };
}

async function signalOutcomes({ pool }: Database, session: string | undefined): Promise<CommandOutput> {
  const sessions = await listSessions(pool, session === undefined ? {} : { ids: [session] });
  if (session !== undefined && sessions.length === 0) {
    throw new InputError(`there is no session "${session}"`, 'signalbox sessions list --all shows what there is.');
  }
  const ids = sessions.map(({ id }) => id);
  const rows = await sumSignalOutcomes(pool, ids);
  const head = ['session', 'by', 'action', 'strength', 'let through', ...NUMBERS];
  const cells = rows.map((row) => [
    ...[row.session, row.by ?? '-', row.action, row.strength, row.letThrough ? 'yes' : 'no'],
    ...figures(row),
  ]);
  return { value: rows, text: () => (rows.length === 0 ? 'No outcome is known yet.' : plainTable(head, cells)) };
}

/** What is known of a class, in figures. */
const NUMBERS = ['known', 'hit rate', 'mean return'].map((number) => ({ number }));

function figures(row: { known: number; hitRate: number | null; meanReturn: number | null }): (string | number)[] {
  const percent = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(2)} %`);
  return [row.known, percent(row.hitRate), percent(row.meanReturn)];
}

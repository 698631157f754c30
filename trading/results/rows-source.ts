import { requireOwnOutput } from '../../infra/files/output-file.ts';
import type { CommandContext } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { exportFormat } from '../../infra/export/export-format.ts';
import { wholeNumber } from '../sessions/operators/rows-output.ts';
import { listSessions, sessionOfJournal, type ListedSession } from '../sessions/session-store.ts';
import { journalOfRun, keptReports, namedReport, nearestTo } from './kept-reports.ts';

/** Whose rows are asked for, how many, and where they go. */
export interface ResultOptions {
  readonly run?: string;
  readonly session?: string;
  readonly limit?: string;
  readonly out?: string;
  readonly config?: string;
}

/**
 * Refuses options that do not go together, and a file that cannot be written, before anything is computed.
 * @throws InputError
 */
export async function checkResultOptions({ run, session, out, config }: ResultOptions): Promise<void> {
  if (run !== undefined && session !== undefined) {
    throw new InputError('--run and --session: rows are of one of them.', 'Leave one of the two out.');
  }
  if (out === undefined) return;
  exportFormat(out);
  await requireOwnOutput({ option: '--out', path: out }, [{ option: '--config', path: config }]);
}

/** A session by its id. @throws InputError that lists the nearest ids */
export async function sessionNamed(context: Pick<CommandContext, 'database'>, id: string): Promise<ListedSession> {
  const { pool } = await context.database();
  const [found] = await listSessions(pool, { ids: [id] });
  if (found !== undefined) return found;
  const known = await listSessions(pool, { backtests: true });
  throw new InputError(
    `there is no session "${id}".${nearestTo(
      id,
      known.map((one) => one.id),
    )}`,
    'signalbox sessions list --all shows what there is.',
  );
}

/** The session whose journal a run left. @throws InputError where the database has it no more */
export async function sessionOfRun(
  context: Pick<CommandContext, 'database' | 'config'>,
  run: string,
): Promise<ListedSession> {
  const report = namedReport(keptReports(context.config.dataDir), run);
  const journal = journalOfRun(report);
  const { pool } = await context.database();
  const id = await sessionOfJournal(pool, journal);
  if (id !== null) return sessionNamed(context, id);
  throw new InputError(
    `The database has no session of run "${report.id}" (journal ${journal.slice(0, 12)}): a later run of the ` +
      'experiment took its place, or a rule strategy was traded without one.',
    'Run it again; signalbox trades --run and equity --run need the kept report alone.',
  );
}

/** The rows that `--limit` asks for; `otherwise` where it is left out. @throws InputError */
export function rowLimit(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : wholeNumber('--limit', text);
}

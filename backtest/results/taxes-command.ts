import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { InputError } from '../../infra/errors.ts';
import { writeExport } from '../../infra/export/write-export.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { zoneNamed } from '../../pipelines/dialects/time-zone.ts';
import { amountText } from '../../trading/amount-text.ts';
import {
  checkResultOptions,
  sessionNamed,
  sessionOfRun,
  type ResultOptions,
} from '../../trading/results/rows-source.ts';
import { sessionHashes } from '../../trading/results/session-files.ts';
import { TaxBooks, type TaxYear } from '../../trading/results/tax-books.ts';
import type { ListedSession } from '../../trading/sessions/session-store.ts';
import { disposalColumns, disposalsOf } from './record-rows.ts';

export interface TaxOptions extends Omit<ResultOptions, 'limit'> {
  readonly year?: string;
  readonly zone: string;
}

/** What these figures leave to whoever hands them in. */
const NOTES = [
  'Lots are closed first in, first out; a gain is net of the fees of both trades, and dividends are apart from it.',
  'Wash sales, allowances and other accounts are not reckoned with: this is no advice on taxes.',
];

/**
 * `taxes`: realised gains of a session by year and holding period, with what was paid and received besides; each closed
 * lot in the file of `--out`. @throws InputError
 */
export async function taxesCommand(context: CommandContext, options: TaxOptions): Promise<CommandOutput> {
  await checkResultOptions(options);
  const year = yearOf(options.year);
  const zone = zoneNamed(options.zone, '--zone');
  const session = await askedSession(context, options);
  const { pool } = await context.database();
  const books = new TaxBooks(session.symbols, zone);
  const portions = disposalsOf(pool, session, { books, year });
  const of = { kind: 'session', id: session.id } as const;
  const notes = [`Days are those of ${zone.name}.`, ...NOTES];
  let file: { readonly path: string; readonly rows: number } | null = null;
  if (options.out === undefined) while ((await portions.next()).done !== true);
  else {
    const hashes = await sessionHashes(context, session);
    const origin = { what: 'tax lots', of, hashes, notes, writtenAtMs: context.clock() };
    const { rows } = await writeExport(options.out, { columns: disposalColumns(), portions }, origin);
    file = { path: options.out, rows };
  }
  const years = books.years().filter((one) => year === null || one.year === year);
  const written = file === null ? [] : [`${file.rows} closed lots are in ${file.path}.`];
  return {
    value: { session: session.id, zone: zone.name, years, file, notes },
    text: () => [`session ${session.id}: taxes`, tableOf(years), ...written, ...notes].join('\n'),
  };
}

function yearOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{4}$/.test(text)) return Number(text);
  throw new InputError(`--year ${text} is no year.`, 'Give one such as 2025.');
}

async function askedSession(context: CommandContext, { session, run = 'latest' }: TaxOptions): Promise<ListedSession> {
  return session === undefined ? sessionOfRun(context, run) : sessionNamed(context, session);
}

const AMOUNTS = [
  ...['proceeds', 'cost', 'fees', 'shortTermGain', 'longTermGain', 'dividends'],
  ...['borrow', 'funding', 'interest', 'otherFees'],
] as (keyof TaxYear)[];

/** A column for each amount that any year has. */
function tableOf(years: readonly TaxYear[]): string {
  if (years.length === 0) return 'Nothing was closed or paid.';
  const shown = AMOUNTS.filter((name, at) => at < 5 || years.some((year) => year[name] !== 0));
  return plainTable(
    ['year', { number: 'lots' }, ...shown.map((name) => ({ number: name }))],
    years.map((year) => [String(year.year), year.disposals, ...shown.map((name) => amountText(year[name]))]),
  );
}

import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import type { Cell, ExportColumn } from '../../infra/export/export-table.ts';
import { writeExport } from '../../infra/export/write-export.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { amountText } from '../../trading/amount-text.ts';
import { checkResultOptions, rowLimit, type ResultOptions } from '../../trading/results/rows-source.ts';
import { fileOutput, filterNotes } from '../../trading/results/session-files.ts';
import { secondText } from '../../trading/sessions/operators/chosen-session.ts';
import { askedRows, type AskedRows, type ResultKind } from './asked-rows.ts';
import { limited } from './result-rows.ts';

/** Rows that a terminal shows where nobody says how many. */
const SHOWN = 50;

/**
 * `trades`, `equity` and `predictions`: rows of a run or session, the last of them in the terminal, all of them in the
 * file of `--out`. @throws InputError
 */
export async function rowsCommand(
  context: CommandContext,
  what: ResultKind,
  options: ResultOptions,
): Promise<CommandOutput> {
  await checkResultOptions(options);
  const { out } = options;
  const limit = rowLimit(options.limit, out === undefined ? SHOWN : Infinity);
  const asked = await askedRows(context, what, options);
  return out === undefined ? shownRows(asked, limit) : fileOf(context, asked, { ...options, out, limitRows: limit });
}

async function fileOf(
  context: CommandContext,
  { columns, portions, notes = [], ...origin }: AskedRows,
  { out, limit, limitRows }: ResultOptions & { readonly out: string; readonly limitRows: number },
): Promise<CommandOutput> {
  const stage = context.progress.stage(`write ${origin.what}`);
  const manifest = await writeExport(
    out,
    { columns, portions: limited(portions, limitRows) },
    { ...origin, notes: [...notes, ...filterNotes({ limit })], writtenAtMs: context.clock() },
  );
  stage.done(`${manifest.rows} rows`);
  return fileOutput(out, manifest);
}

/** The last rows of all, of which no more than those are held. */
async function shownRows(
  { what, of, columns, portions, hashes, none }: AskedRows,
  limit: number,
): Promise<CommandOutput> {
  let [last, total]: [(readonly Cell[])[], number] = [[], 0];
  for await (const rows of portions) {
    total += rows.length;
    last = [...last, ...rows].slice(-limit);
  }
  const value = last.map((row) =>
    Object.fromEntries(columns.map((column, at) => [column.name, jsonOf(column, row[at]!)])),
  );
  const more =
    total > last.length ? [`The last ${last.length} of ${total}: --limit N shows more, --out FILE has all.`] : [];
  return {
    value: { [of.kind]: of.id, hashes, columns, [what]: value, total },
    text: () => [`${of.kind} ${of.id}: ${what}`, last.length === 0 ? none : tableOf(columns, last), ...more].join('\n'),
  };
}

const jsonOf = ({ kind }: ExportColumn, value: Cell): Cell =>
  kind === 'time' && value !== null ? new Date(value as number).toISOString() : value;

function tableOf(columns: readonly ExportColumn[], rows: readonly (readonly Cell[])[]): string {
  return plainTable(
    columns.map(({ name, kind }) => {
      if (name === 'reasons') return { words: name };
      return kind === 'number' || kind === 'integer' ? { number: name } : name;
    }),
    rows.map((row) => columns.map((column, at) => shown(column, row[at]!))),
  );
}

/** Amounts as people read them; shares of one with four decimals. */
function shown({ kind, unit }: ExportColumn, value: Cell): string | number | null {
  if (value === null) return null;
  if (kind === 'time') return secondText(new Date(value as number));
  if (kind !== 'number') return String(value);
  const isUnits = unit?.startsWith('units') === true;
  if (isUnits) return value as number;
  return unit === null || /probab|fraction/.test(unit) ? (value as number).toFixed(4) : amountText(value as number);
}

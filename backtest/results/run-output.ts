import { join } from 'node:path';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { plainTable } from '../../infra/terminal/plain-table.ts';
import { keptReports, namedReport } from '../../trading/results/kept-reports.ts';
import { sessionHashes } from '../../trading/results/session-files.ts';
import { sessionNamed } from '../../trading/results/rows-source.ts';
import { amount, decimal } from '../number-format.ts';
import { FIGURE_ROWS, figureText } from '../report/figures-section.ts';
import { kindOf, readKeptRun, runHashes, type KeptRun } from './kept-run.ts';

/** `runs show ID`: a kept run whole, or a session as `sessions show` has it. @throws InputError for an unknown one */
export async function runOutput(context: CommandContext, id: string): Promise<CommandOutput> {
  const reports = keptReports(context.config.dataDir);
  const isReport = id === 'latest' || reports.some((report) => report.id === id);
  if (!isReport && (await isSession(context, id))) return shownSession(context, id);
  const run = readKeptRun(namedReport(reports, id));
  const { record, summary, folder, document } = run;
  const { equity: _equity, ledger: _ledger, ...figures } = document;
  const value = {
    ...{ id: run.id, kind: kindOf(run), kept: run.keptAt.toISOString(), folder, hashes: runHashes(run) },
    ...{ versions: record?.versions ?? null, costs: record?.costs ?? null, currency: record?.currency ?? null },
    ...{ data: record?.data ?? null, session: record?.session ?? null, result: figures },
  };
  return { value, text: () => textOf(run, summary.reasons ?? []) };
}

async function isSession(context: CommandContext, id: string): Promise<boolean> {
  const { listSessions } = await import('../../trading/sessions/session-store.ts');
  return (await listSessions((await context.database()).pool, { ids: [id] })).length === 1;
}

async function shownSession(context: CommandContext, id: string): Promise<CommandOutput> {
  const { sessionOutput } = await import('../../trading/sessions/operators/session-output.ts');
  const { value, text } = await sessionOutput(await context.database(), id);
  const hashes = await sessionHashes(context, await sessionNamed(context, id));
  return {
    value: { ...(value as Record<string, unknown>), hashes },
    text: () => `${text()}\n${plainTable(['hash', 'value'], Object.entries(hashes))}`,
  };
}

const UNKEPT = 'not kept: made by an earlier version';

function textOf(run: KeptRun, reasons: readonly string[]): string {
  const { record, summary, document, folder } = run;
  const name = summary.experiment ?? summary.strategy;
  const figures = FIGURE_ROWS.map((row): [string, string] => [
    row.name,
    figureText(row, document as Parameters<typeof figureText>[1]),
  ]).filter(([, text]) => text !== 'n/a');
  const capital = summary.initialCapital === undefined ? [] : [['Capital', amount(summary.initialCapital)]];
  const final = summary.finalEquity === undefined ? [] : [['Final equity', amount(summary.finalEquity)]];
  const hashes = Object.entries(runHashes(run)).map(([of, hash]): [string, string] => [`${of} hash`, hash ?? '-']);
  return [
    `${run.id}: ${kindOf(run)} of ${name}, ${decimal(summary.bars, 0)} bars, ` +
      `${summary.from.slice(0, 10)} to ${summary.to.slice(0, 10)}, made ${run.keptAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    plainTable(
      ['figure', { number: record?.currency ?? 'value' }],
      [...capital, ...final, ...figures, ['Verdict', summary.verdict]],
    ),
    plainTable(
      ['made from', 'value'],
      [...hashes, ['parameters', parametersText(run)], ...madeBy(run), ['costs', costsText(run)]],
    ),
    ...reasons,
    `The report is in ${join(folder, 'report.html')}.`,
  ].join('\n');
}

function madeBy({ record }: KeptRun): [string, string][] {
  if (record === null) return [['versions', UNKEPT]];
  return Object.entries(record.versions).map(([name, version]) => [name, version]);
}

const valueText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function parametersText({ summary }: KeptRun): string {
  const all = Object.entries(summary.parameters ?? {});
  return all.length === 0 ? 'none' : all.map(([name, value]) => `${name} ${valueText(value)}`).join('\n');
}

function costsText({ record }: KeptRun): string {
  if (record === null) return UNKEPT;
  const costs = Object.entries(record.costs ?? {}).filter(([, value]) => value !== undefined && value !== null);
  if (costs.length === 0) return 'none';
  return costs.map(([name, value]) => `${name} ${valueText(value)}`).join('\n');
}

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { jsonMembers, type JsonMember } from '../../infra/files/json-members.ts';

/** Of one section of a result but its rows. */
const SECTION_BYTES_MAX = 256 << 20;
/** Members of a result document with a row for each bar or trade: read row by row. */
const ROWS = new Set(['equity', 'ledger']);

/** A kept report of a run: what it is called, where it lies, when its result was written. */
export interface KeptReport {
  readonly id: string;
  readonly folder: string;
  readonly keptAt: Date;
}

/** Reports that are kept below the data folder, the newest first. */
export function keptReports(dataDir: string): KeptReport[] {
  const reports = join(dataDir, 'reports');
  if (!existsSync(reports)) return [];
  return readdirSync(reports, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => ({ id: name, folder: join(reports, name) }))
    .filter(({ folder }) => existsSync(join(folder, 'result.json')))
    .map((report) => ({ ...report, keptAt: statSync(join(report.folder, 'result.json')).mtime }))
    .sort((a, b) => b.keptAt.getTime() - a.keptAt.getTime() || (a.id < b.id ? -1 : 1));
}

/** The report that is meant: `latest`, or one by its name. @throws InputError that lists the nearest names */
export function namedReport(reports: readonly KeptReport[], id: string): KeptReport {
  const [newest] = reports;
  if (newest === undefined) {
    throw new InputError('There is no run yet.', 'Make one: signalbox run EXPERIMENT, or backtest EXPERIMENT.');
  }
  const found = id === 'latest' ? newest : reports.find((report) => report.id === id);
  if (found !== undefined) return found;
  throw new InputError(
    `There is no run "${id}".${nearestTo(
      id,
      reports.map((one) => one.id),
    )}`,
    'signalbox runs list shows what there is.',
  );
}

/** What an id may have been meant for, as a sentence; empty where nothing is like it. */
export function nearestTo(id: string, known: readonly string[]): string {
  const begun = known.filter((one) => one.startsWith(id));
  const nearest = nearestName(id, known);
  const meant = [...new Set([...begun, ...(nearest === null ? [] : [nearest])])].slice(0, 5);
  return meant.length === 0 ? '' : ` The nearest: ${meant.join(', ')}.`;
}

/**
 * The result document of a kept report without its rows: `equity` and `ledger` are empty lists. @throws InputError
 * where it cannot be read
 */
export function readResult(report: Pick<KeptReport, 'folder'>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(sectionsOf(report));
}

/**
 * The members of a result document before its rows: what a list shows, without reading the rest of a large file.
 * @throws InputError where it cannot be read
 */
export function readResultHead(report: Pick<KeptReport, 'folder'>): Readonly<Record<string, unknown>> {
  const head: Record<string, unknown> = {};
  for (const { name, value } of membersOf(report)) {
    if (ROWS.has(name)) break;
    head[name] = value;
  }
  return head;
}

function* sectionsOf(report: Pick<KeptReport, 'folder'>): Generator<readonly [string, unknown]> {
  for (const { name, value, isElement } of membersOf(report)) if (!isElement) yield [name, value];
}

/**
 * Rows of a kept report, of which one is held: each as JSON. @throws InputError where it cannot be read, or has no such
 * list
 */
export function* readResultRows(report: Pick<KeptReport, 'folder'>, of: 'equity' | 'ledger'): Generator<unknown> {
  let isThere = false;
  for (const { name, value, isElement } of membersOf(report)) {
    if (name !== of) continue;
    isThere ||= Array.isArray(value);
    if (isElement) yield value;
    // What comes after the rows does not matter.
    else if (!isThere) break;
  }
  if (!isThere) throw new InputError(`${resultPath(report)} has no list ${of}.`, REMEDY);
}

const REMEDY = 'Make the report again, or remove its folder.';
const resultPath = ({ folder }: Pick<KeptReport, 'folder'>): string => join(folder, 'result.json');

const membersOf = (report: Pick<KeptReport, 'folder'>): Generator<JsonMember> =>
  jsonMembers(resultPath(report), { lists: ROWS, bytesMax: SECTION_BYTES_MAX, remedy: REMEDY });

const journaled = z.object({ journalHash: z.string() });

/** The hash of the journal that a run left. @throws InputError for a search, which has no session */
export function journalOfRun(report: KeptReport): string {
  const parsed = journaled.safeParse(readResult(report));
  if (parsed.success) return parsed.data.journalHash;
  throw new InputError(
    `Run "${report.id}" is a search: it has no orders, trades or equity of its own.`,
    'Run what it chose: signalbox backtest, with the parameters that `signalbox runs show` names.',
  );
}

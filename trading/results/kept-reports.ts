import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError } from '../../infra/errors.ts';
import { readOutsideText } from '../../infra/files/outside-file.ts';

/** Five million points of equity fit. */
const BYTES_MAX = 256 << 20;

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

/** The result document of a kept report, as JSON. @throws InputError where it cannot be read */
export function readResult({ folder }: Pick<KeptReport, 'folder'>): unknown {
  const path = join(folder, 'result.json');
  const remedy = 'Make the report again, or remove its folder.';
  const text = readOutsideText(path, { bytesMax: BYTES_MAX, remedy });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path} cannot be read as JSON: ${(error as Error).message}`, remedy, error);
  }
}

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

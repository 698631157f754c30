import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandOutput } from '../../infra/command.ts';
import { sourceDifference } from '../../infra/git.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { writeWholeFile } from '../../infra/files/write-whole-file.ts';
import type { RunCurves } from './run-curves.ts';
import type { RunRecord } from './run-record.ts';

export interface KeptReport {
  readonly dataDir: string;
  /** Names the folder below `reports`. */
  readonly name: string;
  readonly html: string;
  /** The result document, as JSON. */
  readonly result: string;
  /** What else is known of the run; what it was computed from. */
  readonly record: RunRecord;
  /** What is drawn beside its equity; absent for what has none, as a search. */
  readonly curves?: RunCurves;
}

/** What a command hands back of a run whose report is kept. */
export interface KeptOutput extends CommandOutput {
  readonly reportPath: string;
}

/**
 * Writes a report and its result document into a folder of its own, with what of the source was not committed, and
 * resolves to the page's path. A run that shows what is there already keeps that; another one of the same name gets the
 * next number, so that no report is ever overwritten. Two processes may do this at once. Throws InputError where the
 * disk refuses.
 */
export async function keepReport({ dataDir, name, html, result, record, curves }: KeptReport): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = privateFolder(dataDir, 'reports', number === 1 ? name : `${name}-${number}`);
    const path = join(folder, 'report.html');
    if (!(await isOurs(path, html))) continue;
    await writeWholeFile(join(folder, 'run.json'), JSON.stringify(record));
    if (curves !== undefined) await writeWholeFile(join(folder, 'curves.json'), JSON.stringify(curves));
    const difference = sourceDifference();
    if (difference !== null) await writeWholeFile(join(folder, 'source.diff'), difference);
    // What lists runs looks for this one: it comes last.
    await writeWholeFile(join(folder, 'result.json'), result);
    return path;
  }
}

/** Writes the page where there is none. False where another one stands. */
async function isOurs(path: string, html: string): Promise<boolean> {
  try {
    await writeWholeFile(path, html, { mustBeNew: true });
    return true;
  } catch (error) {
    if (!existsSync(path)) throw error;
    return (await readFile(path, 'utf8')) === html;
  }
}

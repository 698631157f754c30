import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Config } from '../../infra/config.ts';
import { appendPrivateFile, writePrivateFile } from '../../infra/files/private-file.ts';
import { privateFolder } from '../../infra/files/private-folder.ts';
import { createRandom, type Random } from '../../infra/random.ts';

/** One case of a proof: plain figures that are added up at the end. */
export type CaseFigures = Readonly<Record<string, number | string | boolean>>;

/** What a case may use. */
export interface CaseContext {
  readonly config: Config;
  /** A stream of the case's own: it does not matter which cases ran before. */
  readonly random: Random;
  readonly index: number;
}

/** A claim that takes many seeded repetitions to see. */
export interface Proof {
  readonly name: string;
  /** What it shows, in one line. */
  readonly shows: string;
  /** Cases of the full count. */
  readonly count: number;
  run(context: CaseContext): Promise<CaseFigures>;
  /** The figures of all cases, and whether they bear the claim out. */
  conclude(cases: readonly CaseFigures[]): { readonly holds: boolean; readonly figures: CaseFigures };
}

export interface ProveOptions {
  readonly config: Config;
  readonly count: number;
  readonly seed: number;
  readonly onCase: (index: number, figures: CaseFigures) => void;
  /** Aborted: no further case is begun, and the reason is thrown. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a proof case by case. Each finished case is written down at once, so that an interrupted proof goes on where it
 * was; the same seed gives the same cases.
 */
export async function prove(
  proof: Proof,
  options: ProveOptions,
): Promise<{ cases: CaseFigures[]; holds: boolean; figures: CaseFigures }> {
  const folder = privateFolder(options.config.dataDir, 'proofs');
  const path = join(folder, `${proof.name}-${options.seed}.jsonl`);
  const finished = finishedCases(path);
  writePrivateFile(path, finished.map((figures) => `${JSON.stringify(figures)}\n`).join(''));
  const cases = finished.slice(0, options.count);
  for (let index = cases.length; index < options.count; index++) {
    // A case that never waits leaves no room for a signal.
    await turn();
    options.signal?.throwIfAborted();
    const random = createRandom(options.seed).fork(`${proof.name}/${index}`);
    const figures = await proof.run({ config: options.config, random, index });
    appendPrivateFile(path, `${JSON.stringify(figures)}\n`);
    cases.push(figures);
    options.onCase(index, figures);
  }
  return { cases, ...proof.conclude(cases) };
}

/** Whole lines only: a process that is killed may leave half of the last one, which is then written over. */
function finishedCases(path: string): CaseFigures[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as CaseFigures);
}

/** Share of the cases for which `name` is true. */
export function share(cases: readonly CaseFigures[], name: string): number {
  return cases.length === 0 ? 0 : cases.filter((figures) => figures[name] === true).length / cases.length;
}

/** Mean of a numeric figure. */
export function meanOf(cases: readonly CaseFigures[], name: string): number {
  return cases.reduce((sum, figures) => sum + Number(figures[name]), 0) / Math.max(1, cases.length);
}

import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';
import type { FuzzAnswer, FuzzRequest } from './fuzz-child.ts';

const FORMATS = ['csv', 'gzip', 'parquet', 'yaml', 'json', 'backup'] as const;
const FILES_PER_CASE = 100;
const FILES_PER_FORMAT = 10_000;
const SECONDS_MAX = 2;
const MEGABYTES_MAX = 500;
/** A child that has grown beyond this is replaced, so that one file is not blamed for those before it. */
const MEGABYTES_KEPT = 350;
/** By the clock, on a machine that may be busy with other things. */
const KILLED_AFTER_MS = 60_000;

const FROM_SOURCE = import.meta.url.endsWith('.ts');
const CHILD = new URL(FROM_SOURCE ? './fuzz-child.ts' : './fuzz-child.js', import.meta.url);
const LOADER = new URL('../../../infra/typescript/typescript-loader.mjs', import.meta.url).href;

let running: ChildProcess | null = null;

function child(): ChildProcess {
  running ??= fork(CHILD, [], {
    execArgv: FROM_SOURCE ? ['--import', LOADER] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return running;
}

function endChild(): void {
  running?.kill('SIGKILL');
  running = null;
}

/** The child's answer, or what became of it: a process that dies or goes on for ever is an answer too. */
function ask(request: FuzzRequest): Promise<FuzzAnswer> {
  const asked = child();
  return new Promise((resolve) => {
    const finish = (answer: FuzzAnswer): void => {
      clearTimeout(timer);
      asked.off('message', finish).off('exit', exited);
      resolve(answer);
    };
    const lost = (message: string): void => {
      endChild();
      finish({ outcome: 'wrong', message, seconds: KILLED_AFTER_MS / 1000, peakMb: 0 });
    };
    const exited = (code: number | null, signal: string | null): void => lost(`the process died: ${code ?? signal}`);
    const timer = setTimeout(() => lost('it went on for ever'), KILLED_AFTER_MS);
    asked.on('message', finish).on('exit', exited);
    asked.send(request);
  });
}

const isWrong = ({ outcome, seconds, peakMb }: FuzzAnswer): boolean =>
  outcome === 'wrong' || seconds > SECONDS_MAX || peakMb > MEGABYTES_MAX;

/** A hundred altered files of one format, the formats in turn. */
async function runCase({ random, index }: CaseContext): Promise<CaseFigures> {
  const format = index % FORMATS.length;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-fuzz-'));
  const figures = { format: FORMATS[format]!, files: 0, read: 0, refused: 0, wrong: 0, slowestSeconds: 0, peakMb: 0 };
  let firstWrong = '';
  try {
    for (let file = 0; file < FILES_PER_CASE; file++) {
      const seed = `fuzz/${random.integer(2_147_483_647)}`;
      let answer = await ask({ format, seed, folder });
      if (isWrong(answer) && answer.outcome !== 'wrong') {
        // Alone in a fresh process, so that it is not blamed for what others left behind.
        endChild();
        answer = await ask({ format, seed, folder });
      }
      figures.files++;
      figures.slowestSeconds = Math.max(figures.slowestSeconds, answer.seconds);
      figures.peakMb = Math.max(figures.peakMb, answer.peakMb);
      if (isWrong(answer)) {
        figures.wrong++;
        firstWrong ||= `${seed}: ${answer.seconds} s, ${answer.peakMb} MB: ${answer.message}`;
      } else figures[answer.outcome as 'read' | 'refused']++;
      if (answer.peakMb > MEGABYTES_KEPT) endChild();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    running?.unref();
    running?.channel?.unref();
  }
  return { ...figures, firstWrong };
}

function conclude(cases: readonly CaseFigures[]): ReturnType<Proof['conclude']> {
  const sum = (of: readonly CaseFigures[], name: string): number => of.reduce((all, one) => all + Number(one[name]), 0);
  const most = (of: readonly CaseFigures[], name: string): number =>
    of.reduce((all, one) => Math.max(all, Number(one[name])), 0);
  const byFormat = FORMATS.map((format) => {
    const of = cases.filter((one) => one.format === format);
    const counts = `${sum(of, 'files')} files: ${sum(of, 'read')} read, ${sum(of, 'refused')} refused`;
    const worst = `${most(of, 'slowestSeconds').toFixed(2)} s and ${Math.round(most(of, 'peakMb'))} MB at most`;
    return [format, `${counts}, ${sum(of, 'wrong')} wrong; ${worst}`] as const;
  });
  const wrong = sum(cases, 'wrong');
  return { holds: wrong === 0, figures: { files: sum(cases, 'files'), wrong, ...Object.fromEntries(byFormat) } };
}

/** Altered files of every format that comes from outside. */
export const FUZZ_PROOF: Proof = {
  name: 'fuzz',
  shows: `10,000 altered files of each of ${FORMATS.join(', ')}: within ${SECONDS_MAX} s and ${MEGABYTES_MAX} MB each is read or refused with a message (a case: 100 files of one format)`,
  count: (FORMATS.length * FILES_PER_FORMAT) / FILES_PER_CASE,
  run: runCase,
  conclude,
};

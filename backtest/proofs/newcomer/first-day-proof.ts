import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { packageRoot } from '../../../infra/package-root.ts';
import { barsCsv } from '../../../pipelines/bars/bars-csv.ts';
import { calendarNamed } from '../../../pipelines/calendars/calendar-named.ts';
import { plantedBars } from '../../../pipelines/sources/made-up/planted-bars.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';
import { execute, INSTALL_MS_MAX } from '../versions/installed-version.ts';

const SECONDS_MAX = 120;
const COMMANDS_MAX = 5;
/** Twelve years of days. */
const BARS = 3_000;

/** What somebody wants on their first day, and the commands that lead to it from a folder with their own files. */
interface Task {
  readonly wanted: string;
  readonly commands: readonly (readonly string[])[];
  /** Whether it is there, given what the last command said. */
  readonly isThere: (folder: string, said: string) => boolean;
}

const isReport = (path: string): boolean => existsSync(path) && readFileSync(path, 'utf8').includes('</html>');

const TASKS: readonly Task[] = [
  {
    wanted: 'own CSV to a backtest with report',
    commands: [
      ['backtest', '--bars', 'mine.csv', '--strategy', 'sma-cross', '--set', 'fast=10', '--report', 'report.html'],
    ],
    isThere: (folder) => isReport(join(folder, 'report.html')),
  },
  {
    wanted: 'own experiment to a walk-forward verdict',
    commands: [
      ['init', 'mine.yaml', '--bars', 'mine.csv'],
      ['walk-forward', 'mine.yaml'],
    ],
    isThere: (folder, said) => /\b(?:evidence|weak|none)\b/i.test(said) && isReport(reportIn(folder)),
  },
  {
    wanted: 'own strategy file to a paper replay',
    commands: [
      ['init', 'mine.yaml', '--bars', 'mine.csv'],
      ['verify', './mine.ts'],
      ['paper', 'mine.yaml', '--strategy', './mine.ts', '--set', 'lookback=30'],
    ],
    isThere: (_folder, said) => said.includes('parity: no order differs from the backtest of these bars'),
  },
];

/** The one report that a run has left below its data. */
function reportIn(folder: string): string {
  const reports = join(folder, '.signalbox', 'reports');
  const [run = ''] = existsSync(reports) ? readdirSync(reports) : [];
  return join(reports, run, 'report.html');
}

async function runCase({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const { wanted, commands, isThere } = TASKS[index % TASKS.length]!;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-first-day-'));
  try {
    const seed = random.integer(1_000_000);
    const bars = plantedBars({ bars: BARS, seed, symbol: 'MINE', calendar: calendarNamed('us-equities') });
    writePrivateFile(join(folder, 'mine.csv'), [...barsCsv([bars])].join(''));
    const example = join(packageRoot(), 'trading', 'strategies', 'own', 'example', 'turn-of-range.ts');
    writePrivateFile(join(folder, 'mine.ts'), readFileSync(example));
    const env = { PATH: config.programPath, SIGNALBOX_HOME: join(folder, '.signalbox') };
    const beganMs = performance.now();
    let last = { code: 0 as number | null, output: '' };
    for (const words of commands) {
      const program = [process.execPath, join(packageRoot(), 'signalbox.mjs'), ...words];
      last = await execute(program, { cwd: folder, env, timeoutMs: INSTALL_MS_MAX });
      if (last.code !== 0) break;
    }
    const seconds = Math.round((performance.now() - beganMs) / 100) / 10;
    const isDone = last.code === 0 && isThere(folder, last.output);
    return { wanted, commands: commands.length, seconds, isDone, said: isDone ? '' : last.output.slice(-2_000) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What newcomers want first takes them two minutes and a handful of commands. */
export const FIRST_DAY_PROOF: Proof = {
  name: 'first-day',
  shows: "from a folder with files of one's own: a backtest, a walk-forward and a paper replay, timed",
  count: TASKS.length,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(
      ({ isDone, seconds, commands }) =>
        isDone === true && Number(seconds) < SECONDS_MAX && Number(commands) <= COMMANDS_MAX,
    ),
    figures: Object.fromEntries(
      cases.map(({ wanted, commands, seconds, isDone, said }) => [
        String(wanted),
        isDone === true ? `${String(seconds)} s, ${String(commands)} commands` : `failed: ${String(said)}`,
      ]),
    ),
  }),
};

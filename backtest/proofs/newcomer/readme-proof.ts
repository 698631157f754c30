import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { makeDataFolder } from '../../../infra/files/private-folder.ts';
import { packageRoot } from '../../../infra/package-root.ts';
import type { CaseContext, CaseFigures, Proof } from '../proof.ts';
import { checkoutIn } from '../versions/checkout-copy.ts';

/** Files that the lines name, and where they come from: `FILE.csv` is the sample, results are made of it. */
const FILES = {
  'FILE.csv': ['node_modules', 'vega-datasets', 'data', 'sp500-2000.csv'],
  'mine.ts': ['trading', 'strategies', 'own', 'example', 'turn-of-range.ts'],
} as const;
const RESULTS = { 'A.json': 'fast=10', 'B.json': 'fast=20' };

/** Longest that a line may take before it is ended. */
const MS_MAX = 900_000;

/** Lines that do not end by themselves: what they say when they are there. */
const ON_AND_ON: Readonly<Record<string, RegExp>> = {
  'npx signalbox worker': /worker|waits/i,
  'npx signalbox serve': /http:\/\/127\.0\.0\.1:\d+/,
  'npx signalbox top': /./,
};

/** Lines that ask for what this machine has not: what they say of it. */
const OUT_OF_REACH: readonly { readonly line: RegExp; readonly says: RegExp }[] = [
  { line: /--broker alpaca/, says: /ALPACA_API_KEY_ID/ },
  { line: /--broker binance-futures/, says: /BINANCE_FUTURES_API_KEY/ },
  { line: /--broker binance/, says: /BINANCE_API_KEY/ },
  { line: /--vendor binance/, says: /binance/i },
];

/** Commands of the README that a user may type, without their comments, in its order. */
export function linesOf(readme: string): string[] {
  return [...readme.matchAll(/^npx signalbox .*$/gm)].map(([line]) => line.replace(/\s+#.*$/, '').trim());
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
}

/** Types a line in the checkout, and ends what goes on and on once it is there. */
async function type(line: string, folder: string, path: string): Promise<Ran> {
  const child = spawn('sh', ['-c', `exec ${line}`], {
    cwd: folder,
    env: { PATH: path, HOME: folder },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): boolean => process.kill(-child.pid!, 'SIGINT');
  const timer = setTimeout(end, MS_MAX);
  const isThere = ON_AND_ON[line];
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      const was = isThere?.test(output);
      output += text;
      if (was === false && isThere!.test(output)) end();
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

/** What is wrong with how a line went; null where it did what the README says. */
export function faultOf(line: string, { code, output }: Ran): string | null {
  const asks = OUT_OF_REACH.find((one) => one.line.test(line));
  const told = output.slice(-1_500);
  if (asks !== undefined && code !== 0) return asks.says.test(output) ? null : `does not say what it lacks: ${told}`;
  const isThere = ON_AND_ON[line];
  if (isThere !== undefined) return isThere.test(output) ? null : `did not come: ${told}`;
  return code === 0 ? null : `ended with ${code}: ${told}`;
}

const LINES = linesOf(readFileSync(join(packageRoot(), 'README.md'), 'utf8'));

/** A checkout whose data begin empty, with the files that lines name; it stays for the lines after. */
async function beginIn(parent: string, path: string): Promise<void> {
  rmSync(parent, { recursive: true, force: true });
  makeDataFolder(parent);
  const folder = checkoutIn(parent, path);
  for (const [name, from] of Object.entries(FILES)) {
    writePrivateFile(join(folder, name), readFileSync(join(packageRoot(), ...from)));
  }
  for (const [name, set] of Object.entries(RESULTS)) {
    const words = `npx signalbox backtest --bars FILE.csv --strategy sma-cross --set ${set} --json`;
    writePrivateFile(join(folder, name), (await type(`${words} 2>/dev/null`, folder, path)).output);
  }
}

/** A line of the README, typed after those before it. */
async function runCase({ config, index }: CaseContext): Promise<CaseFigures> {
  const parent = join(config.dataDir, 'readme-proof');
  if (index === 0) await beginIn(parent, config.programPath);
  const line = LINES[index]!;
  const beganMs = performance.now();
  const fault = faultOf(line, await type(line, join(parent, 'checkout'), config.programPath));
  const seconds = Math.round((performance.now() - beganMs) / 1_000);
  if (index === LINES.length - 1) rmSync(parent, { recursive: true, force: true });
  return { line, seconds, fault: fault ?? '' };
}

/** What the README says is what happens. */
export const README_PROOF: Proof = {
  name: 'readme',
  shows: 'each command of the README, typed as it stands in a checkout whose data begin empty',
  count: LINES.length,
  run: runCase,
  conclude: (cases) => {
    const wrong = cases.filter(({ fault }) => fault !== '');
    const slowest = Math.max(...cases.map(({ seconds }) => Number(seconds)));
    const figures = Object.fromEntries(wrong.map(({ line, fault }) => [String(line), String(fault)]));
    return { holds: wrong.length === 0, figures: { lines: cases.length, faults: wrong.length, slowest, ...figures } };
  },
};

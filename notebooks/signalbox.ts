// What the notebooks share: Signalbox's command line as functions, its `--json` documents as types, and charts that
// show in Jupyter and in exported pages alike. Compiled by the notebooks' kernel.
import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import * as dfd from 'danfojs-node';
import * as tslab from 'tslab';

const ROOT = path.resolve(process.cwd(), '..');

/** Daily bars of the S&P 500, 2000 to 2020, as the package vega-datasets ships them. */
export const SPX_BARS = path.join(ROOT, 'node_modules', 'vega-datasets', 'data', 'sp500-2000.csv');

/** Scores of a fold out of sample; null where a figure cannot be computed honestly. */
export interface Scores {
  informationCoefficient: number | null;
  rankInformationCoefficient: number | null;
  auc: number | null;
  logLoss: number | null;
  brier: number | null;
  hitRate: number | null;
}

export interface Fold extends Scores {
  /** From 1. */
  fold: number;
  trainRows: number;
  testRows: number;
  test: { from: string; to: string };
}

/**
 * All folds pooled: 95 % block-bootstrap intervals, and how often the market rose where a probability said how often it
 * would.
 */
export interface Pooled extends Scores {
  rows: number;
  intervals: Record<keyof Scores, [number, number]>;
  calibration: { from: number; to: number; rows: number; predicted: number; observed: number }[];
}

/** The parts of the result document that the notebooks read; contract.md and `--help` describe the whole. */
export interface Result {
  experiment: string | null;
  strategy: string;
  from: string;
  to: string;
  totalReturn: number;
  cagr: number;
  volatility: number;
  sharpe: number | null;
  maxDrawdown: number;
  exposure: number;
  trades: number;
  deflatedSharpe: number | null;
  trials: number;
  verdict: 'evidence' | 'weak' | 'none';
  reasons: string[];
  baselines: Record<string, { totalReturn: number; cagr: number; sharpe: number | null; maxDrawdown: number }>;
  equity: [string, number][];
  ledger: { symbol: string; side: string; entryTime: string; exitTime: string | null; pnl: number }[];
  folds?: Fold[];
  outOfSample?: Pooled;
}

/** Runs `signalbox COMMAND ... --json` and returns its document. Throws with what the command said when it fails. */
export function signalbox<T>(...args: string[]): T {
  const run = spawnSync(process.execPath, [path.join(ROOT, 'signalbox.mjs'), ...args, '--json'], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (run.status !== 0) throw new Error(`signalbox ${args.join(' ')} ended with ${run.status}:\n${run.stderr}`);
  return JSON.parse(run.stdout) as T;
}

/** A CSV file as a data frame. */
export function readFrame(file: string): Promise<dfd.DataFrame> {
  return dfd.readCSV(file) as Promise<dfd.DataFrame>;
}

/** One column of numbers; empty cells are NaN. */
export function numbers(frame: dfd.DataFrame, column: string): number[] {
  return (frame.column(column).values as (number | string | null)[]).map((value) =>
    value === null || value === '' ? NaN : Number(value),
  );
}

/** Pearson's correlation over the rows where both are numbers. */
export function correlation(x: number[], y: number[]): number {
  const rows = x.map((value, row) => [value, y[row]]).filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b));
  const mean = (at: number): number => rows.reduce((sum, row) => sum + row[at], 0) / rows.length;
  const [mx, my] = [mean(0), mean(1)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [a, b] of rows) {
    xy += (a - mx) * (b - my);
    xx += (a - mx) ** 2;
    yy += (b - my) ** 2;
  }
  return xy / Math.sqrt(xx * yy);
}

/** A data frame as a table in the page. */
export function table(frame: dfd.DataFrame): void {
  const cell = (value: unknown): string =>
    typeof value === 'number' ? (Number.isInteger(value) ? String(value) : value.toPrecision(4)) : String(value ?? '');
  const row = (cells: unknown[], tag: string): string =>
    `<tr>${cells.map((value) => `<${tag} style="text-align:right">${cell(value)}</${tag}>`).join('')}</tr>`;
  const rows = (frame.values as unknown[][]).map((values) => row(values, 'td'));
  tslab.display.html(`<table><thead>${row(frame.columns, 'th')}</thead><tbody>${rows.join('')}</tbody></table>`);
}

/** Draws a Vega-Lite chart as SVG, so that it shows wherever the notebook is read. */
export async function chart(spec: Record<string, unknown>): Promise<void> {
  const vega = require('vega');
  const lite = require('vega-lite');
  const whole = { width: 620, height: 260, background: 'white', ...spec };
  const view = new vega.View(vega.parse(lite.compile(whole).spec), { renderer: 'none' });
  tslab.display.svg(await view.toSVG());
}

/** `0.0123` as `1.23 %`. */
export const percent = (value: number | null): string => (value === null ? 'n/a' : `${(100 * value).toFixed(2)} %`);

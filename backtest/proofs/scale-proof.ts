import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { startSignalbox, type RunningProcess } from '../testing/run-process.ts';
import type { CaseContext, CaseFigures, Proof } from './proof.ts';
import { stageSeconds, watchStages } from './stage-watch.ts';
import { writePrivateFile } from '../../infra/files/private-file.ts';

const SYMBOLS = [50, 200, 800];
/** 13 years of days. */
const BARS = 3_300;
/** What a run of the largest panel may take: the figures of two idle cores. */
const SECONDS_MAX = 480;
const PEAK_MB_MAX = 4_096;
/**
 * Seconds a row of the largest panel over those of the smallest: ten times the rows take ten times as long, noise
 * apart.
 */
const PER_ROW_RATIO_MAX = 1.5;

/** Open to the server's user, so that root's data lies inside and goes with the folder. */
function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-scale-'));
  chmodSync(folder, 0o711);
  return folder;
}

/** Settings of a run whose home and servers are its own. */
const homeIn = (folder: string): NodeJS.ProcessEnv => {
  return { SIGNALBOX_HOME: join(folder, 'home'), DATABASE_URL: '', REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
};

/**
 * One whole run of a simulated panel in an empty home: seconds, processor time and peak memory of each stage. On a
 * machine that others use too, processor time is what a run can be judged by.
 */
async function runCase({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const symbols = SYMBOLS[index % SYMBOLS.length]!;
  const folder = openFolder();
  try {
    const shipped = loadExperiment('simulated-universe');
    const simulated = { symbols, bars: BARS, seed: 1 + random.integer(1_000_000) };
    const experiment = { ...shipped, name: `scale-${symbols}`, data: { ...shipped.data, simulated } };
    const path = join(folder, 'scale.yaml');
    writePrivateFile(path, stringify(experiment));
    const startedMs = performance.now();
    const running = startSignalbox(['run', path, '--once', '--json'], { PATH: config.programPath }, homeIn(folder));
    const [{ code, stderr }, { stages, all }] = await Promise.all([running.ended, watchStages(running)]);
    if (code !== 0) throw new Error(`the run of ${symbols} symbols ended with ${code}:\n${stderr}`);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    const figures = [...stageSeconds(stderr)].map(([stage, took]) => {
      const { peakMb, processorSeconds } = stages.get(stage) ?? { peakMb: 0, processorSeconds: 0 };
      const text = `${took.toFixed(1)} s, ${processorSeconds} s of processor, ${Math.round(peakMb)} MB`;
      return [stage, text] as const;
    });
    const { peakMb, processorSeconds } = all;
    const whole = { symbols, rows: symbols * BARS, seconds, processorSeconds, peakMb: Math.round(peakMb) };
    return { ...whole, ...Object.fromEntries(figures) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A whole run over panels of growing size. */
export const SCALE_PROOF: Proof = {
  name: 'scale',
  shows:
    'a run of 50, 200 and 800 symbols by 3,300 days (a case each) takes time in proportion to its rows, the largest below 8 minutes and 4 GB',
  count: SYMBOLS.length,
  run: runCase,
  conclude: (cases) => {
    const perRow = cases.map(({ seconds, rows }) => Number(seconds) / Number(rows));
    const ratio = perRow.at(-1)! / perRow[0]!;
    const bounded = cases.every(
      ({ seconds, peakMb }) => Number(seconds) <= SECONDS_MAX && Number(peakMb) <= PEAK_MB_MAX,
    );
    const table = cases.map(
      ({ symbols, seconds, processorSeconds, peakMb }) =>
        [`${symbols} symbols`, `${seconds} s, ${processorSeconds} s of processor, ${peakMb} MB`] as const,
    );
    return {
      holds: bounded && ratio <= PER_ROW_RATIO_MAX,
      figures: { cases: cases.length, perRowRatio: ratio, ...Object.fromEntries(table) },
    };
  },
};

const PANELS = [
  { label: '500 symbols by 20 years of days', timeframe: '1d', calendar: 'us-equities', symbols: 500, bars: 5_040 },
  { label: '10 symbols by 2 years of minutes', timeframe: '1m', calendar: 'crypto', symbols: 10, bars: 1_051_200 },
] as const;
const PANEL_MB_MAX = 1_536;
const TRADED = {
  strategies: [{ name: 'trend', kind: 'sma-cross', parameters: { fast: 10, slow: 30 }, allocation: 1 }],
  sizing: { kind: 'fraction-of-equity', fraction: 0.02 },
};

/** A rule over a panel, from an empty home: interrupted while it brings bars in, and gone on with. */
async function runPanel({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const { label, timeframe, calendar, symbols, bars } = PANELS[index % PANELS.length]!;
  const folder = openFolder();
  try {
    const simulated = { symbols, bars, seed: 1 + random.integer(1_000_000) };
    const data = { source: 'simulated', timeframe, calendar, simulated };
    const path = join(folder, 'panel.yaml');
    writePrivateFile(path, stringify({ name: `panel-${symbols}`, universe: 'simulated', data, ...TRADED }));
    const start = (): RunningProcess =>
      startSignalbox(['backtest', path, '--json'], { PATH: config.programPath }, homeIn(folder));
    const first = start();
    // The first line of progress: some bars are there, most are not.
    await first.said('ingest simulated: ');
    first.child.kill('SIGINT');
    const stopped = await first.ended;
    const again = start();
    const [{ code, stderr }, { all }] = await Promise.all([again.ended, watchStages(again)]);
    if (code !== 0) throw new Error(`the backtest of ${label} ended with ${code}:\n${stderr}`);
    const [, written, kept] = /(\d+) bars written, (\d+) already there/.exec(stderr) ?? [];
    const whole = Number(written) + Number(kept) === symbols * bars;
    const wentOn = stopped.code !== 0 && Number(kept) > 0 && whole;
    return { label, rows: symbols * bars, kept: Number(kept), wentOn, peakMb: Math.round(all.peakMb) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Memory of a backtest of rules over large panels. */
export const PANEL_PROOF: Proof = {
  name: 'panels',
  shows:
    'a backtest of 500 symbols by 20 years of days and of 10 symbols by 2 years of minutes takes less than 1.5 GB, and goes on after Ctrl-C',
  count: PANELS.length,
  run: runPanel,
  conclude: (cases) => {
    const told = cases.map(({ label, peakMb, kept }) => {
      return [String(label), `${peakMb} MB at most, ${kept} bars kept through Ctrl-C`] as const;
    });
    return {
      holds: cases.every(({ wentOn, peakMb }) => wentOn === true && Number(peakMb) <= PANEL_MB_MAX),
      figures: { cases: cases.length, ...Object.fromEntries(told) },
    };
  },
};

import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadExperiment } from '../../models/experiment/load-experiment.ts';
import { startSignalbox } from '../testing/run-process.ts';
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

/**
 * One whole run of a simulated panel in an empty home: seconds, processor time and peak memory of each stage. On a
 * machine that others use too, processor time is what a run can be judged by.
 */
async function runCase({ config, random, index }: CaseContext): Promise<CaseFigures> {
  const symbols = SYMBOLS[index % SYMBOLS.length]!;
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-scale-'));
  // Open to the server's user, so that root's data lies inside and goes with the folder.
  chmodSync(folder, 0o711);
  try {
    const shipped = loadExperiment('simulated-universe');
    const simulated = { symbols, bars: BARS, seed: 1 + random.integer(1_000_000) };
    const experiment = { ...shipped, name: `scale-${symbols}`, data: { ...shipped.data, simulated } };
    const path = join(folder, 'scale.yaml');
    writePrivateFile(path, stringify(experiment));
    const home = { SIGNALBOX_HOME: join(folder, 'home'), DATABASE_URL: '', REDIS_URL: '', MLFLOW_TRACKING_URI: '' };
    const startedMs = performance.now();
    const running = startSignalbox(['run', path, '--once', '--json'], { PATH: config.programPath }, home);
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

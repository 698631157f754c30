import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { BenchmarkResult } from './benchmark-result.ts';
import { FEATURE_PEERS } from './feature-peers.ts';
import { FOREST_PEERS, NEURAL_PEERS } from './estimator-peers.ts';
import { besidePeers, peersMissing, type Peer, type PeerConfig } from './peers.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-peers-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'peer-bench'));

/** A program in the place of a python that has one module, and prints what a script of the peers prints. */
function standIn(name: string, module: string, body: string): string {
  const python = join(folder, name);
  writeFileSync(
    python,
    `#!/bin/sh\nif [ "$1" = -c ]; then [ "$3" = ${module} ]; exit; fi\n[ "$1" = gen.py ] && exit 0\n${body}\n`,
  );
  chmodSync(python, 0o755);
  return python;
}

const configOf = (...peersPythons: string[]): PeerConfig => ({
  peersPythons,
  referenceDir: join(folder, 'reference'),
});

const line = (work: string, seconds: number, rest: Partial<BenchmarkResult> = {}): BenchmarkResult => ({
  ...{ name: 'forest', work, seconds, runs: 3, rate: 1, unit: 'training rows/s', checks: {} },
  ...rest,
});
const forests = [line('1', 2), line('2', 1)];

async function beside(ours: readonly BenchmarkResult[], peers: readonly Peer[], config: PeerConfig) {
  const notes: string[] = [];
  return { lines: await besidePeers(ours, peers, { config, note: (text) => notes.push(text) }), notes };
}

it('sets the figures of a peer beside our line of as many threads', async () => {
  const record = '{"group":"forest","name":"xgb_rf 80k 2t","ver":"3.2.0","train_s":4,"runs":[4.1,4],"auc":0.7}';
  const python = standIn('answers', 'xgboost', `echo starting\necho '${record}'\ntest -d "$PEER_RES"`);
  expect(peersMissing(configOf(python))).toBe(null);
  const { lines, notes } = await beside(forests, FOREST_PEERS.slice(0, 1), configOf(python));
  expect(notes).toEqual(['peer forest.py 80k xgb_rf 2']);
  expect(lines).toEqual([
    forests[0],
    { ...forests[1], checks: { timesPeerSeconds: { 'xgb_rf 80k 2t 3.2.0': 0.25 } } },
    line('peer: xgb_rf 80k 2t 3.2.0', 4, {
      runs: 2,
      rate: 20_000,
      checks: { train_s: 4, runs: [4.1, 4], auc: 0.7, timesOurSeconds: 4 },
    }),
  ]);
});

it('sets a network beside the same on each backend, run by the first python that has its packages', async () => {
  const records = ['LSTM(32)', 'dense 40-64-32-1'].map((name, i) =>
    JSON.stringify({ group: 'tf', name, ver: '2.21.0', fit_s: 4 / (i + 1) }),
  );
  const trees = standIn('trees', 'xgboost', 'echo "the wrong python" >&2; exit 1');
  const networks = standIn('networks', 'tensorflow', records.map((record) => `echo '${record}'`).join('\n'));
  const ours = ['dense 40-64-32-1', 'LSTM(32)', 'temporal convolution'].flatMap((network) =>
    ['wasm', 'native'].map((backend, i) => line(`${network}, 80 x 3, ${backend}`, 5 * (i + 1), { rate: 60 })),
  );
  const { lines } = await beside(ours, NEURAL_PEERS, configOf(trees, networks));
  const ratios = lines.slice(0, 6).map(({ checks }) => checks.timesPeerSeconds);
  const [dense, lstm] = ['dense 40-64-32-1 2.21.0', 'LSTM(32) 2.21.0'];
  expect(ratios).toEqual([
    ...[{ [dense]: 2.5 }, { [dense]: 5 }, { [lstm]: 1.25 }, { [lstm]: 2.5 }],
    ...[undefined, undefined],
  ]);
  expect(
    lines.slice(6).map(({ work, seconds, rate, checks }) => [work, seconds, rate, checks.timesOurSeconds]),
  ).toEqual([
    [`peer: ${lstm} beside LSTM(32), 80 x 3, wasm`, 4, 75, 0.8],
    [`peer: ${lstm} beside LSTM(32), 80 x 3, native`, 4, 150, 0.4],
    [`peer: ${dense} beside dense 40-64-32-1, 80 x 3, wasm`, 2, 150, 0.4],
    [`peer: ${dense} beside dense 40-64-32-1, 80 x 3, native`, 2, 300, 0.2],
  ]);
});

it('sets each indicator of a library beside ours, computed the same way, and the sum of ten where it has them', async () => {
  const labels = ['RSI14', 'EMA20', 'MACD', 'ATR14', 'BB20', 'ADX14', 'STOCH14', 'CCI20', 'OBV', 'MFI14'];
  const record = (name: string, some: readonly string[]): string =>
    JSON.stringify({
      group: 'indicators',
      name,
      ns_per_bar: Object.fromEntries(some.map((at) => [at, 4])),
      total10_ns: 40,
    });
  const pythons = [standIn('c', 'talib', `echo '${record('talib', labels)}'`)];
  pythons.push(standIn('pure', 'talipp', `echo '${record('talipp', labels.slice(0, 9))}'`));
  const ours = [
    'rsi(14) batch',
    'rsi(14) streaming',
    'mfi(14) streaming',
    'batch, sum of ten',
    'streaming, sum of ten',
  ].map((name, i) => ({
    ...line('1000000 bars', 2 * (i + 1), { unit: 'ns/bar', rate: 2 * (i + 1) }),
    name: `features ${name}`,
  }));
  const { lines } = await beside(ours, FEATURE_PEERS, configOf(...pythons));
  expect(lines.slice(0, 5).map(({ checks }) => checks.timesPeerSeconds)).toEqual([
    { talib: 0.5 },
    { talipp: 1 },
    undefined,
    { talib: 0.2 },
    undefined,
  ]);
  expect(lines.slice(5).map(({ name, rate, seconds }) => [name, rate, seconds])).toEqual([
    ['features rsi(14) batch', 4, 4],
    ['features batch, sum of ten', 40, 40],
    ['features rsi(14) streaming', 4, 4],
  ]);
});

it('says which peers do not run and why, and what one that fails has said', async () => {
  const failing = standIn('fails', 'xgboost', 'echo "ImportError: libgomp.so.1" >&2; exit 1');
  await expect(beside(forests, FOREST_PEERS, configOf(failing))).rejects.toThrow(/code 1: ImportError: libgomp/);
  const { lines, notes } = await beside(forests, NEURAL_PEERS, configOf(failing));
  expect(lines).toHaveLength(2);
  expect(lines[0]!.checks.peers).toMatch(/^tf_bench.py not run: no python .* has tensorflow \(requirements-tf.txt\)$/);
  expect(notes).toEqual([`peers ${String(lines[0]!.checks.peers)}`]);
  expect(lines[1]).toEqual(forests[1]);
  const unset = await beside(forests, FOREST_PEERS, configOf());
  expect(unset.lines[0]!.checks.peers).toMatch(/SIGNALBOX_PEERS names no python/);
  expect(peersMissing(configOf(failing, '/none'))).toMatch(/there is no \/none/);
  const elsewhere = { ...configOf(failing), referenceDir: '/none/reference' };
  expect(peersMissing(elsewhere)).toMatch(/no folder .*peer-bench/);
});

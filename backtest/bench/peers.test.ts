import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { FOREST_PEERS } from './estimator-peers.ts';
import { peersMissing, runPeer, type PeerConfig } from './peers.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-peers-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of python that prints what a script of the peers prints. */
function standIn(name: string, body: string): PeerConfig {
  mkdirSync(join(folder, 'peer-bench'), { recursive: true });
  const peersPython = join(folder, name);
  writeFileSync(peersPython, `#!/bin/sh\n${body}\n`);
  chmodSync(peersPython, 0o755);
  return { peersPython, referenceDir: join(folder, 'reference') };
}

const ours = [1, 2].map((threads) => ({
  name: 'forest',
  work: `${threads}`,
  seconds: 2 / threads,
  runs: 3,
  rate: 1,
  unit: 'training rows/s',
  checks: {},
}));

it('sets the figures of a peer beside our line of as many threads', async () => {
  const record = '{"group":"forest","name":"xgb_rf 80k 2t","ver":"3.2.0","train_s":4,"runs":[4.1,4],"auc":0.7}';
  const config = standIn(
    'answers',
    `[ "$1" = gen.py ] && exit 0\necho starting\necho '${record}'\ntest -d "$PEER_RES"`,
  );
  expect(peersMissing(config)).toBe(null);
  expect(await runPeer(FOREST_PEERS[0]!, ours, config)).toEqual([
    {
      name: 'forest',
      work: 'peer: xgb_rf 80k 2t 3.2.0',
      seconds: 4,
      rate: 20_000,
      runs: 2,
      unit: 'training rows/s',
      checks: { train_s: 4, runs: [4.1, 4], auc: 0.7, timesOurSeconds: 4 },
    },
  ]);
});

it('says why no peer runs, and what a peer that fails has said', async () => {
  const config = standIn('fails', 'echo "ModuleNotFoundError: No module named xgboost" >&2; exit 1');
  await expect(runPeer(FOREST_PEERS[0]!, ours, config)).rejects.toThrow(/code 1: ModuleNotFoundError/);
  expect(peersMissing({ ...config, peersPython: null })).toMatch(/SIGNALBOX_PEERS names no python/);
  expect(peersMissing({ ...config, peersPython: '/none' })).toMatch(/there is no \/none/);
  expect(peersMissing({ ...config, referenceDir: '/none/reference' })).toMatch(/no folder .*peer-bench/);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { FEED_PROOFS } from './feed-proofs.ts';
import { prove, type Proof } from './proof.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-feed-proof-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const config = { ...loadConfig({}), dataDir };
const proof = (name: string): Proof => FEED_PROOFS.find((one) => one.name === name)!;

describe('the proofs of feeds', () => {
  it('hold on a small count', async () => {
    const outcome = await prove(proof('feeds'), { config, seed: 1, count: 6, onCase: () => undefined });
    expect(outcome.holds).toBe(true);
    for (const name of ['expected', 'fromStream', 'skip', 'repeat']) {
      expect(Number(outcome.figures[name])).toBeGreaterThan(10);
    }
  });

  it('do not hold when one bar is lost or doubled', () => {
    const right = { lost: 0, doubled: 0, different: 0, outOfOrder: 0, vendor: 'alpaca', fault: 'cuts', injected: 2 };
    for (const { conclude } of FEED_PROOFS) {
      expect(conclude([right, right]).holds).toBe(true);
      for (const wrong of ['lost', 'doubled', 'different', 'outOfOrder']) {
        expect(conclude([right, { ...right, [wrong]: 1 }]).holds).toBe(false);
      }
    }
  });
});

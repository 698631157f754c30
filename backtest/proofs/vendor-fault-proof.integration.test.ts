import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../infra/config.ts';
import { prove } from './proof.ts';
import { VENDOR_FAULT_PROOF } from './vendor-fault-proof.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'signalbox-vendor-proof-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

describe('the proof of vendor faults', () => {
  it('holds on a small count, in which every vendor met faults', async () => {
    const config = { ...loadConfig({}), dataDir };
    const { holds, figures } = await prove(VENDOR_FAULT_PROOF, { config, seed: 2, count: 16, onCase: () => undefined });
    expect(figures).toMatchObject({ lost: 0, doubled: 0, different: 0, outOfOrder: 0, unexplained: 0 });
    expect(holds).toBe(true);
    expect(figures.got).toBe(figures.asked);
    expect(Number(figures.faults)).toBeGreaterThan(20);
    for (const vendor of ['alpaca', 'polygon', 'binance']) expect(figures[vendor]).toMatch(/ [1-9]\d* faults/);
  });

  it('does not hold when one bar is lost, doubled or changed, or an error stays unexplained', () => {
    const right = {
      vendor: 'alpaca',
      got: 5,
      asked: 5,
      lost: 0,
      doubled: 0,
      different: 0,
      outOfOrder: 0,
      unexplained: 0,
    };
    expect(VENDOR_FAULT_PROOF.conclude([right, right]).holds).toBe(true);
    for (const wrong of ['lost', 'doubled', 'different', 'outOfOrder', 'unexplained']) {
      expect(VENDOR_FAULT_PROOF.conclude([right, { ...right, [wrong]: 1 }]).holds, wrong).toBe(false);
    }
    expect(VENDOR_FAULT_PROOF.conclude([right, { ...right, got: 4 }]).holds).toBe(false);
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../infra/clock.ts';
import { createRandom } from '../../infra/random.ts';
import type { PanelMatrix } from './panel-file.ts';
import { readPanelFile, writePanelFile } from './panel-file.ts';
import { PanelFolder } from './panel-folder.ts';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'panel-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = ['rsi(14)', 'macd(12,26,9).signal'];
function matrix(symbol: string, length: number, firstMs = 0): PanelMatrix {
  const openTimeMs = Float64Array.from({ length }, (_, row) => firstMs + row * 60_000);
  const values = Float64Array.from({ length: 2 * length }, (_, at) => (at < 4 ? NaN : Math.sin(at) / 3));
  return { symbol, columns, length, openTimeMs, closeTimeMs: openTimeMs.map((ms) => ms + 60_000), values };
}
const universe = [matrix('AAA', 50), matrix('BBB', 50), matrix('CCC', 20, 60_000), matrix('DDD', 0)];

describe('a panel file', () => {
  it('gives back what was written, bit for bit, and holds equal times once', async () => {
    const path = join(folder, 'a.panel');
    await writePanelFile(path, universe);
    const read = readPanelFile(path);
    expect(read).toEqual(universe);
    expect(read![1]!.closeTimeMs).toBe(read![0]!.closeTimeMs);
    const numbers = 8 * (2 * 2 * 50 + 2 * 20 + 2 * 50 + 2 * 20);
    expect(readFileSync(path).length).toBeGreaterThan(numbers);
    expect(readFileSync(path).length).toBeLessThan(numbers + 900);
    expect(readPanelFile(join(folder, 'none.panel'))).toBeNull();
    await writePanelFile(path, []);
    expect(readPanelFile(path)).toEqual([]);
  });

  it('gives nothing where a byte was changed or the end is missing', async () => {
    const path = join(folder, 'b.panel');
    await writePanelFile(path, universe);
    const whole = readFileSync(path);
    const random = createRandom(11);
    for (let times = 0; times < 200; times++) {
      const damaged = Buffer.from(whole);
      const at = random.integer(whole.length);
      damaged[at] = damaged[at]! ^ (1 << random.integer(8));
      writeFileSync(path, damaged);
      expect(readPanelFile(path)).toBeNull();
      writeFileSync(path, whole);
      truncateSync(path, random.integer(whole.length));
      expect(readPanelFile(path)).toBeNull();
    }
  });
});

describe('a folder of panels', () => {
  it('keeps what was asked for last, within its bounds', async () => {
    const own = mkdtempSync(join(folder, 'many-'));
    const one = [matrix('AAA', 100)];
    const panels = new PanelFolder(own, systemClock, 3 * 8 * 4 * 100 + 2_000);
    for (const [day, hash] of ['a', 'b', 'c'].entries()) {
      await panels.keep(hash, one);
      utimesSync(join(own, 'panels', `${hash}.panel`), day, day);
    }
    expect(await panels.find('a')).toEqual(one);
    await panels.keep('d', one);
    expect(readdirSync(join(own, 'panels')).toSorted()).toEqual(['a.panel', 'c.panel', 'd.panel']);
    await panels.keep('large', [matrix('AAA', 400)]);
    expect(await panels.find('large')).toBeNull();
    writeFileSync(join(own, 'panels', 'c.panel'), 'damaged');
    expect(await panels.find('c')).toBeNull();
    expect(readdirSync(join(own, 'panels'))).toHaveLength(2);
  });
});

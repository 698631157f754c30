import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BarColumns } from '../../features/bar.ts';
import { peerTable } from '../../models/estimators/known-tables.ts';
import { minuteBars, panelBars } from './peer-data.ts';

function digest(columns: readonly Float64Array[]): string {
  const hash = createHash('sha256');
  for (const column of columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  return hash.digest('hex').slice(0, 16);
}

/** The layout of the published tables: features row by row, the label last. */
function rowsWithLabel(rows: number, width: number, seed: number): Float64Array {
  const { x, y } = peerTable(rows, width, seed);
  const table = new Float64Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    table.set(x.subarray(row * width, (row + 1) * width), row * (width + 1));
    table[row * (width + 1) + width] = y[row]!;
  }
  return table;
}

const peerOrder = (bars: BarColumns): Float64Array[] => [
  bars.openTimeMs,
  bars.open,
  bars.high,
  bars.low,
  bars.close,
  bars.volume,
];

describe('peer data', () => {
  it('has the bytes of the published files', () => {
    expect(digest(peerOrder(minuteBars()))).toBe('39500c90cdb0a44a');
    expect(digest(panelBars().flatMap(peerOrder))).toBe('68e186ffc1ad76b1');
    expect(digest([rowsWithLabel(100_000, 40, 7)])).toBe('1e582c94c1e86ac0');
    expect(digest([rowsWithLabel(420_000, 60, 8)])).toBe('3c13b3bc4cd1c52d');
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../infra/package-root.ts';
import { faultOf, linesOf } from './readme-proof.ts';

describe('the lines of a README', () => {
  it('are those that a user may type, without what is said of them', () => {
    const text =
      '# A\n```\nnpm start   # all\nnpx signalbox top   # live\nnpx signalbox a > b.json # c\n```\n`npx signalbox x`';
    expect(linesOf(text)).toEqual(['npx signalbox top', 'npx signalbox a > b.json']);
    const ours = linesOf(readFileSync(join(packageRoot(), 'README.md'), 'utf8'));
    expect(ours.length).toBeGreaterThan(30);
    expect(ours.every((line) => line.startsWith('npx signalbox '))).toBe(true);
  });
});

describe('what is wrong with a line', () => {
  const fault = (line: string, code: number | null, output = ''): string | null => faultOf(line, { code, output });

  it('is another end than 0, or that it has not come', () => {
    expect(fault('npx signalbox doctor', 0)).toBeNull();
    expect(fault('npx signalbox doctor', 1, 'away')).toBe('ended with 1: away');
    expect(fault('npx signalbox doctor', null)).toMatch(/^ended with null/);
    expect(fault('npx signalbox serve', 130, 'at http://127.0.0.1:4100')).toBeNull();
    expect(fault('npx signalbox serve', 130, 'nothing')).toMatch(/^did not come/);
  });

  it('is not that a broker has no keys here, where the line says so', () => {
    const line = 'npx signalbox paper us-shares --broker alpaca';
    expect(fault(line, 2, 'Set ALPACA_API_KEY_ID.')).toBeNull();
    expect(fault(line, 2, 'TypeError')).toMatch(/^does not say what it lacks: TypeError/);
    expect(fault(line, 0)).toBeNull();
  });
});

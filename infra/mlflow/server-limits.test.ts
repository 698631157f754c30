import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BATCH_LIMITS, mlflowName, splitBatch, wireNumber, type WireBatch } from './server-limits.ts';

describe('splitBatch', () => {
  const text = (length: number) =>
    fc.record({ key: fc.string({ maxLength: 20 }), value: fc.string({ maxLength: length }) });
  const metric = fc.record({
    key: fc.constantFrom('loss', 'auc'),
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    timestamp: fc.nat(),
    step: fc.nat(),
  });
  const batch: fc.Arbitrary<WireBatch> = fc.record({
    metrics: fc.array(metric, { maxLength: 3000, size: 'max' }),
    params: fc.array(text(40), { maxLength: 350, size: 'max' }),
    tags: fc.array(text(40), { maxLength: 350, size: 'max' }),
  });

  it('keeps every item in order and every batch within the limits', () => {
    fc.assert(
      fc.property(batch, (whole) => {
        const parts = splitBatch(whole);
        for (const { metrics, params, tags } of parts) {
          expect(metrics.length).toBeLessThanOrEqual(1000);
          expect(params.length).toBeLessThanOrEqual(100);
          expect(tags.length).toBeLessThanOrEqual(100);
          expect(metrics.length + params.length + tags.length).toBeLessThanOrEqual(1000);
          expect(metrics.length + params.length + tags.length).toBeGreaterThan(0);
        }
        for (const kind of ['metrics', 'params', 'tags'] as const) {
          expect(parts.flatMap((part) => part[kind] as readonly unknown[])).toEqual(whole[kind]);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('splits by size where the counts alone would fit: the server refuses over a million characters', () => {
    const params = Array.from({ length: 100 }, (_, i) => ({ key: `p${i}`, value: 'é'.repeat(6000) }));
    const parts = splitBatch({ metrics: [], params, tags: [] });
    for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(1_000_000);
    expect(parts.length).toBe(Math.ceil((100 * 12_000) / BATCH_LIMITS.bytes));
  });

  it('fills one request with 100 parameters, 100 tags and 800 metrics', () => {
    const texts = Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: '1' }));
    const metrics = Array.from({ length: 801 }, (_, step) => ({ key: 'loss', value: 1, timestamp: 1, step }));
    const [first, second, ...rest] = splitBatch({ metrics, params: texts, tags: texts });
    expect([first!.params.length, first!.tags.length, first!.metrics.length]).toEqual([100, 100, 800]);
    expect([second!.metrics.length, rest.length]).toEqual([1, 0]);
  });

  it('makes no request of nothing', () => {
    expect(splitBatch({ metrics: [], params: [], tags: [] })).toEqual([]);
  });
});

describe('wireNumber', () => {
  it('survives JSON for every number', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const wire: unknown = JSON.parse(JSON.stringify(wireNumber(value)));
        expect(wire).not.toBeNull();
        // JSON has no negative zero.
        expect(Number(wire)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});

describe('mlflowName', () => {
  // mlflow/utils/validation.py: word characters, dashes, periods, spaces, colons, slashes; no path that normalises to
  // another.
  const accepted = /^[\w\-. :/]{1,250}$/;
  const climbs = /^\/|\/$|\/\/|(^|\/)\.{1,2}(\/|$)/;

  it('is always a name that the server takes', () => {
    const awkward = fc.array(fc.constantFrom('.', '/', '..', '(', ')', ',', ' ', 'a', 'é', '_', '\0', ':'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 400 }),
          awkward.map((parts) => parts.join('')),
        ),
        (name) => {
          const plain = mlflowName(name);
          expect(plain).toMatch(accepted);
          expect(plain).not.toMatch(climbs);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('leaves good names alone and reads well for features', () => {
    for (const name of ['loss', 'fold/0/auc', 'a_', 'mlflow.note.content', 'with space', 'a:b'])
      expect(mlflowName(name)).toBe(name);
    expect(mlflowName('rsi(14)')).toBe('rsi_14');
    expect(mlflowName('macd(12,26,9).signal')).toBe('macd_12_26_9.signal');
  });

  it('never makes one name of two', () => {
    const names = ['a(1)', 'a,1', 'a_1', 'x'.repeat(300), `${'x'.repeat(299)}y`];
    const taken = new Map<string, string>();
    expect(new Set(names.map((name) => mlflowName(name, taken))).size).toBe(names.length);
  });
});

import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { fromPlain, toPlain, type Plain } from './plain-values.ts';

it('values come back from JSON as they were, to the last bit', () => {
  const numbers = [0, -0, NaN, Infinity, -Infinity, 0.1, 5e-324, Number.MAX_VALUE];
  const whole = new Float64Array(20).fill(7);
  whole.set(numbers, 3);
  const value = {
    numbers,
    // Parts of a larger array, at places where its bytes are not aligned to those of a copy.
    columns: [Float64Array.from(numbers), whole.subarray(3, 11), Int32Array.of(-1, 2 ** 31 - 1)],
    bytes: [Uint8Array.of(0, 255, 7).subarray(1), Int8Array.of(-128, 127), new Float64Array(0)],
    nothing: [null, undefined],
    text: [{ word: '$number', other: { $a: 1, b: 2 } }, { $number: 'NaN' }, { $object: { $undefined: true } }, {}],
  };
  const back = fromPlain(JSON.parse(JSON.stringify(toPlain(value))) as Plain) as typeof value;
  expect(back).toEqual(value);
  expect(back.numbers.map((one) => Object.is(one, -0))).toEqual(numbers.map((one) => Object.is(one, -0)));
  expect(Object.is(back.columns[0]![1], -0)).toBe(true);
});

it('what is no value is refused', () => {
  const elsewhere = runInNewContext('[new Map(), new Set(), new Date()]') as unknown[];
  for (const odd of [new Map(), new Set(), () => 1, Symbol('a'), 1n, new Float32Array(1), ...elsewhere])
    expect(() => toPlain(odd)).toThrow(TypeError);
  expect(() => fromPlain({ $Map: 'AAAA' })).toThrow('of kind Map');
});

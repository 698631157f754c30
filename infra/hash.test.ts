import { describe, expect, it } from 'vitest';
import { InputError } from './errors.ts';
import { canonicalJson } from './hash.ts';

describe('canonicalJson', () => {
  it('writes equal values equally', () => {
    expect(canonicalJson({ b: [1, { d: null, c: undefined }], a: 'x' })).toBe('{"a":"x","b":[1,{"d":null}]}');
  });

  it.each(['[', '{"a":'])('refuses what is nested without end: %s', (opening) => {
    const closing = opening === '[' ? ']' : '}';
    const deep: unknown = JSON.parse(`${opening.repeat(100_000)}1${closing.repeat(100_000)}`);
    expect(() => canonicalJson(deep)).toThrow(InputError);
    expect(() => canonicalJson(deep)).toThrow(/nested more than 200 levels deep/);
  });
});

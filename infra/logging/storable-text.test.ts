import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';
import { cutText, parseStorable, storableText } from './storable-text.ts';

describe('storableText', () => {
  it('replaces what PostgreSQL and JSON cannot hold and nothing else', () => {
    expect(storableText('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(storableText(text)).toBe(text.replaceAll('\0', '\ufffd'));
      }),
    );
  });
});

describe('parseStorable', () => {
  it('reads JSON as ever, and its texts are fit to be stored, however they are spelled', () => {
    expect(parseStorable('{"id":"a\\u0000b","legs":[{"id":"\\uD83d"},"\\uDE00"],"n":1}')).toEqual({
      id: 'a\ufffdb',
      legs: [{ id: '\ufffd' }, '\ufffd'],
      n: 1,
    });
    expect(parseStorable('["\\ud83d\\ude00", "\\\\u0000"]')).toEqual(['😀', '\\u0000']);
    expect(() => parseStorable('{')).toThrow(SyntaxError);
  });
});

it('cuts between characters', () => {
  expect(cutText('ab', 5)).toBe('ab');
  expect(cutText('abc', 2)).toBe('ab');
  expect(cutText('a😀b', 2)).toBe('a');
  expect(cutText('a😀b', 3)).toBe('a😀');
  expect(cutText('a😀', 0)).toBe('');
});

it('is what is left of the words of others: servers, vendors, venues', () => {
  expect(maskSecrets('refused\0 by \ud83d the token=abc of \ude00')).toBe(
    'refused\ufffd by \ufffd the token=*** of \ufffd',
  );
  expect(maskSecrets('said 😀 twice', 6)).toBe('said ');
  expect(maskSecrets('said 😀 twice', 7)).toBe('said 😀');
});

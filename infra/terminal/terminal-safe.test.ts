import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paints, terminalSafe } from './terminal-safe.ts';

const control = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

describe('terminalSafe', () => {
  it.each([
    ['\u001b[2Jgone\u009b31m', '\\u001b[2Jgone\\u009b31m'],
    ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['over\rwritten', 'over\\u000dwritten'],
    ['lines\r\nand\ttabs\n', 'lines\r\nand\ttabs\n'],
    ['abc\u202ecba', 'abc\\u202ecba'],
    ['é 株 😀', 'é 株 😀'],
  ])('%j', (text, safe) => expect(terminalSafe(text)).toBe(safe));

  it('lets no control character through, and leaves JSON the same document', () => {
    const document = fc.jsonValue({ stringUnit: 'binary' });
    const cases = fc.property(fc.string({ unit: 'binary' }), document, (text, value) => {
      expect(terminalSafe(text).replaceAll('\r\n', '')).not.toMatch(control);
      const json = JSON.stringify({ '\u009b\u202e\u007f': value });
      expect(JSON.parse(terminalSafe(json))).toEqual(JSON.parse(json));
    });
    fc.assert(cases, { numRuns: 300 });
  });

  it('keeps our own colours and nobody else’s', () => {
    const { bold, red } = paints(true);
    expect(terminalSafe(bold(red('x\u001b[32my')))).toBe('\u001b[1m\u001b[31mx\\u001b[32my\u001b[39m\u001b[22m');
    expect(stripVTControlCharacters(bold('x'))).toBe('x');
    expect(paints(false).bold('x')).toBe('x');
  });
});

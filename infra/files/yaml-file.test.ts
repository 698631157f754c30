import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { parseYamlText } from './yaml-file.ts';

const schema = z.strictObject({
  name: z.string(),
  limits: z
    .strictObject({ drawdown: z.number().max(1), maxPosition: z.number() })
    .partial()
    .optional(),
  estimators: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('forest'), trees: z.int().default(100) }),
        z.strictObject({ kind: z.literal('dense'), layers: z.array(z.int()) }),
      ]),
    )
    .default([]),
  slippage: z.union([z.number(), z.strictObject({ bps: z.number() })]).optional(),
});

const parse = (text: string) => parseYamlText(schema, text, 'a.yaml');

describe('parseYamlText', () => {
  it('returns what the schema makes of the text', () => {
    expect(parse('name: x\nestimators: [{ kind: forest }]')).toEqual({
      name: 'x',
      estimators: [{ kind: 'forest', trees: 100 }],
    });
  });

  it.each([
    ['name: x\nlimit: {}', /a\.yaml:2: unknown key limit; did you mean limits\?/],
    ['name: x\nlimits:\n  drawdwon: 0.1', /a\.yaml:3: unknown key limits\.drawdwon; did you mean limits\.drawdown\?/],
    [
      'name: x\nestimators:\n  - kind: forest\n  - kind: forest\n    tres: 3',
      /a\.yaml:5: unknown key estimators\[1\]\.tres; did you mean estimators\[1\]\.trees\?/,
    ],
    ['name: x\nzzzzzzzz: 1', /unknown key zzzzzzzz$/],
    ['limits: {}', /a\.yaml: name: is required/],
    ['name: x\nlimits:\n  drawdown: 3', /a\.yaml:3: limits\.drawdown: must be at most 1$/],
    ['name: x\nestimators: [{ kind: forrest }]', /a\.yaml:2: estimators\[0\]\.kind: /],
    ['name: x\nslippage:\n  pbs: 3', /a\.yaml:3: unknown key slippage\.pbs; did you mean slippage\.bps\?/],
    ['name: "x', /a\.yaml:1:\d+: not valid YAML/],
    ['name: x\nname: y', /a\.yaml:2:1: not valid YAML: .*unique/],
    ['', /a\.yaml: name: is required/],
    ['- 1', /a\.yaml: the file: /],
  ])('%j', (text, message) => {
    expect(() => parse(text)).toThrow(message);
    expect(() => parse(text)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });

  it('names the valid keys as the remedy', () => {
    expect(() => parse('name: x\nzzzzzzzz: 1')).toThrow(
      expect.objectContaining({ remedy: 'Valid keys here: name, limits, estimators, slippage.' }),
    );
  });

  it('reports every mistake at once', () => {
    expect(() => parse('nam: x\nlimit: 1')).toThrow(
      /unknown key nam.*\n.*unknown key limit|name: is required[^]*unknown key/,
    );
  });

  it('lists the first mistakes of many, and counts them', () => {
    const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: 1`).join('\n');
    const error = errorOf(text);
    expect(error.message).toMatch(/a\.yaml:1: unknown key k0.*\n(.*\n)*a\.yaml: 50001 mistakes in all$/);
    expect(error.message.split('\n')).toHaveLength(21);
  });
});

function errorOf(text: string): InputError {
  try {
    parse(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return error as InputError;
  }
  throw new Error('accepted');
}

/** Each of these kept the parser busy for minutes, ended the process or came out as an error of its insides. */
describe('a YAML file made to do harm', () => {
  const deep = 100_000;
  it.each<[string, () => string, RegExp]>([
    ['lists within lists', () => '['.repeat(deep), /a\.yaml:1: nested more than 32 levels deep/],
    ['closed lists within lists', () => `a: ${'['.repeat(deep)}${']'.repeat(deep)}`, /:1: nested more than 32/],
    ['mappings within mappings', () => `name: x\n${'{a: '.repeat(deep)}`, /:2: nested more than 32 levels deep/],
    ['items within items', () => '- '.repeat(deep), /:1: nested more than 32 levels deep/],
    ['keys within keys', () => '? '.repeat(deep), /:1: nested more than 32 levels deep/],
    ['values within values', () => 'a: '.repeat(deep), /:1: nested more than 32 levels deep/],
    [
      'ever more indented lines',
      () => Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /:130: 129/,
    ],
    ['keys without values', () => '?\n'.repeat(deep), /more than 100 signs without a value/],
    ['commas', () => `[${','.repeat(deep)}]`, /more than 100 signs without a value/],
    ['anchors', () => `${'&a '.repeat(deep)}x`, /more than 100 signs without a value/],
    ['documents', () => '---\n'.repeat(deep), /more than 100 signs without a value/],
    ['one key again and again', () => 'name: x\n'.repeat(deep), /a\.yaml:2:1: not valid YAML: keys must be unique/],
    ['too large', () => `# ${'x'.repeat(1 << 20)}`, /1048578 characters, and 1048576 are the most/],
    ['an alias of nothing', () => 'limits: {}\nname: *b\n', /a\.yaml:2: not valid YAML: Unresolved alias/],
    [
      'aliases of aliases',
      () =>
        `a: &a [x, x]\n${[...'bcdefghijklmn'].map((c, i) => `${c}: &${c} [*${'abcdefghijklm'[i]}, *${'abcdefghijklm'[i]}]`).join('\n')}`,
      /not valid YAML: Excessive alias count/,
    ],
    ['a long key', () => `${'x'.repeat(1_000)}: 1`, /unknown key x{200}\.\.\./],
    ['a character of code 0', () => 'limits: {}\n# a\0b\nname: x', /a\.yaml:2: a character of code 0/],
    [
      'an escape sequence in a value',
      () => 'limits: {}\nname: "\\e[31mred"',
      /a\.yaml:2: .*control character \(U\+001B/,
    ],
    ['a zero in a key', () => 'name: x\nlimits: { "a\\0": 1 }', /a\.yaml:2: .*control character \(U\+0000/],
    ['half a character', () => 'name: "\\ud800"', /a\.yaml:1: .*control character \(U\+D800/],
    ['a name of many lines', () => `name: "${'x\n  '.repeat(deep)}`, /Missing closing "quote/],
  ])('is refused: %s', (_what, text, message) => {
    const error = errorOf(text());
    expect(error.message).toMatch(message);
    expect(error.message.length).toBeLessThan(2_000);
    expect(error.remedy).not.toBe('');
  });

  it('may be long: keys and items by the ten thousand', () => {
    const many = z.strictObject({ of: z.record(z.string(), z.int()), list: z.array(z.string()) });
    const keys = Array.from({ length: 20_000 }, (_, i) => `  k${i}: ${i}`).join('\n');
    const items = Array.from({ length: 20_000 }, (_, i) => `  - s${i}`).join('\n');
    const { of, list } = parseYamlText(many, `of:\n${keys}\nlist:\n${items}\n`, 'a.yaml');
    expect([Object.keys(of).length, list.length]).toEqual([20_000, 20_000]);
  });
});

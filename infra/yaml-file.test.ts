import { describe, expect, it } from 'vitest';
import { z } from 'zod';
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
    ['name: x\nlimits:\n  drawdown: 3', /a\.yaml:3: limits\.drawdown: .*<=\s?1/],
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
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../errors.ts';
import { jsonMembers } from './json-members.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-members-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, 'a.json');

const OPTIONS = { lists: new Set(['rows']), bytesMax: 1 << 20, remedy: 'Make it again.' };

/** The document as its members make it up again. */
function read(text: string, options = OPTIONS): Record<string, unknown> {
  writeFileSync(path, text);
  const entries: [string, unknown][] = [];
  for (const { name, value, isElement } of jsonMembers(path, options)) {
    if (isElement) (entries.at(-1)![1] as unknown[]).push(value);
    else entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

describe('members of a JSON document', () => {
  it('make up the document, whatever is in it and however it is laid out', () => {
    const document = fc.record(
      { rows: fc.array(fc.jsonValue()), 'a "rows"': fc.jsonValue(), b: fc.jsonValue() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(document, fc.constantFrom(undefined, 2), (one, indent) => {
        const text = JSON.stringify(one, null, indent);
        expect(read(text)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300, seed: 3 },
    );
    expect(read(' { "rows" : [ ] } \n')).toEqual({ rows: [] });
    expect(read('{"rows":7,"b":{"rows":[1,[2]]}}')).toEqual({ rows: 7, b: { rows: [1, [2]] } });
  });

  it('are read across the borders of what is read at once', () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => ({ at, text: `Zürich, "}]" ${at}` }));
    const document = { before: 'x'.repeat(700_000), rows, after: '✓'.repeat(300_000) };
    expect(read(JSON.stringify(document))).toEqual(document);
  });

  it('that are no JSON are refused with the file', () => {
    for (const text of [
      ...['', '{', '{"a"', '{"a":1', '[1]', '7', 'x{"a":1}', '{"a":1}x', '{"a":1}}', '{"a":1,}', '{,"a":1}', '{1:2}'],
      ...['{"rows":[1}', '{"rows":[1,]}', '{"rows":[,1]}', '{"rows":[1]2}', '{"rows":1[2]}', '{"rows":[1],"b"}'],
      ...['{"a":[1}', '{"a":"x}', '{"a" 1}', '{"a":1]', '{"rows":[1 2]}'],
    ]) {
      expect(() => read(text), text).toThrow(InputError);
      expect(() => read(text), text).toThrow(/a\.json cannot be read as JSON: ./);
    }
    expect(() => read(JSON.stringify({ a: 'x'.repeat(3 << 20) }))).toThrow(/a has more than 1048576 bytes/);
    expect(() => [...jsonMembers(join(folder, 'none.json'), OPTIONS)]).toThrow(/no such file/);
  });

  it('are given before what follows is read', () => {
    writeFileSync(path, '{"rows":[1,2');
    const members = jsonMembers(path, OPTIONS);
    expect([members.next().value, members.next().value]).toEqual([
      { name: 'rows', value: [], isElement: false },
      { name: 'rows', value: 1, isElement: true },
    ]);
    expect(() => members.next()).toThrow(/it ends in the middle/);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { readOutsideText, requirePlainFile } from './outside-file.ts';
import { parseYamlFile } from './yaml-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'signalbox-outside-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plain = join(folder, 'plain.yaml');
writeFileSync(plain, 'a: 1\n');
const pipe = join(folder, 'pipe.yaml');
execFileSync('mkfifo', [pipe]);
const device = join(folder, 'device.yaml');
symlinkSync('/dev/zero', device);
const link = join(folder, 'link.yaml');
symlinkSync(plain, link);
const large = join(folder, 'large.yaml');
writeFileSync(large, '');
truncateSync(large, 3 * 2 ** 30);

const read = (path: string): string => readOutsideText(path, { bytesMax: 1_000, remedy: 'Give a small one.' });
const schema = z.strictObject({ a: z.int() });

describe('a file that the user names', () => {
  it('is read, also through a link', () => {
    expect([read(plain), read(link)]).toEqual(['a: 1\n', 'a: 1\n']);
    expect(() => requirePlainFile(link)).not.toThrow();
    expect(parseYamlFile(schema, link)).toEqual({ a: 1 });
  });

  it.each([
    ['a pipe, whose writer never comes', pipe, /pipe\.yaml: is a pipe/],
    ['a device, which never ends', device, /device\.yaml: is a device/],
    ['a folder', folder, /is a folder/],
    ['nothing', join(folder, 'none.yaml'), /none\.yaml: no such file/],
  ])('is refused at once where it is %s', (_what, path, message) => {
    for (const use of [read, requirePlainFile, (at: string) => parseYamlFile(schema, at)]) {
      expect(() => use(path)).toThrow(message);
      expect(() => use(path)).toThrow(InputError);
    }
  });

  it('is not read where it is larger than it may be', () => {
    expect(() => read(large)).toThrow(/large\.yaml: 3221225472 bytes, and 1000 are the most/);
    expect(() => parseYamlFile(schema, large)).toThrow(/3221225472 bytes, and 4194304 are the most/);
  });
});

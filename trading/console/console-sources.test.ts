import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGE = 'trading/console/page';

/** What a file loads at run time: types are gone by then. */
function loaded(path: string): string[] {
  const imports = readFileSync(join(ROOT, path), 'utf8').matchAll(/^import (?!type\b)[^;]*?from '(\.[^']+)';/gm);
  return [...imports].map(([, name]) => normalize(join(path, '..', name!)));
}

it('takes at run time what the setup looks at, and nothing else: else an old console would be served', () => {
  const files = readdirSync(join(ROOT, PAGE), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => `${PAGE}/${name}`);
  expect(files.length).toBeGreaterThan(30);
  const taken = new Set<string>();
  const look = (path: string): void => {
    for (const other of loaded(path)) {
      if (other.startsWith(PAGE) || taken.has(other)) continue;
      taken.add(other);
      look(other);
    }
  };
  for (const path of files) look(path);
  const setup = readFileSync(join(ROOT, 'setup.mjs'), 'utf8');
  const named = /CONSOLE_TAKES = \[([^\]]*)\]/.exec(setup)![1]!.matchAll(/'([^']+)'/g);
  expect([...taken].sort()).toEqual([...named].map(([, name]) => name));
});

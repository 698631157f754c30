import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SignalboxError } from '../../../infra/errors.ts';
import { packageRoot } from '../../../infra/package-root.ts';

/** The files under version control as they stand, with what is installed and built beside them. */
export function checkoutIn(folder: string, path: string): string {
  const [root, copy] = [packageRoot(), join(folder, 'checkout')];
  if (!existsSync(join(root, '.git'))) {
    throw new SignalboxError(`${root} is no checkout.`, { remedy: 'Run the proof in a clone, after npm ci.' });
  }
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    env: { PATH: path },
    encoding: 'utf8',
  });
  for (const file of listed.split('\0').filter((name) => name !== '' && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const built = join('trading', 'console', 'dist');
  if (existsSync(join(root, built))) cpSync(join(root, built), join(copy, built), { recursive: true });
  return copy;
}

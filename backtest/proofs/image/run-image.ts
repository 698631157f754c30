import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltImage } from './build-image.ts';

/** Makes the system of an image read-only but for its volumes and `/tmp`, then does as the rest says. */
const CLOSED = `set -e
root=$1 volumes=$2
shift 2
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o size=256m,mode=1777 tmp "$root/tmp"
for volume in $volumes; do mount --bind "\${volume%%:*}" "$root\${volume#*:}"; done
mount -o remount,bind,ro "$root"
cd /
exec setpriv --no-new-privs -- "$@"`;

/** A container that runs. */
export interface RunningImage {
  readonly child: ChildProcess;
  /** What it has written to standard output and error so far. */
  said(): string;
  readonly ended: Promise<number | null>;
}

/** In the image's system, as its user, in its folder, with its environment and `more`. */
function inside({ root, config }: BuiltImage, words: readonly string[], more: readonly string[] = []): string[] {
  const { User, WorkingDir, Env } = config;
  return ['chroot', `--userspec=${User}`, root, '/usr/bin/env', '-i', '-C', WorkingDir, ...Env, ...more, ...words];
}

/** Starts what the image starts: read-only, without rights, on the network of this machine. */
export function runImage(image: BuiltImage, folder: string, env: readonly string[]): RunningImage {
  const { root, config } = image;
  const [uid, gid] = config.User.split(':').map(Number) as [number, number];
  const volumes = Object.keys(config.Volumes).map((path) => {
    const own = mkdtempSync(join(folder, 'volume-'));
    chownSync(own, uid, gid);
    return [own, path] as const;
  });
  execFileSync('mkdir', ['-p', ...['proc', 'dev', 'tmp'].map((name) => join(root, name))]);
  const bound = volumes.map((pair) => pair.join(':')).join(' ');
  const words = inside(image, [...config.Entrypoint, ...config.Cmd], env);
  const child = spawn('unshare', ['--mount', '--', 'sh', '-c', CLOSED, 'sh', root, bound, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, said: () => text, ended };
}

/** The exit code of the image's health check beside a container that runs. */
export function healthOf(image: BuiltImage): number | null {
  const [kind, ...words] = image.config.Healthcheck.Test as [string, ...string[]];
  if (kind !== 'CMD') throw new Error(`A health check of the kind ${kind} is not known here.`);
  const [command, ...args] = inside(image, words) as [string, ...string[]];
  return spawnSync(command, args, { stdio: 'ignore' }).status;
}

/** Whether the user of a container that runs can make a file there. */
export function writes(image: BuiltImage, { child }: RunningImage, path: string): 'done' | 'read-only' | 'refused' {
  const words = ['--mount', '--target', String(child.pid), '--', ...inside(image, ['touch', path])];
  const { status, stderr } = spawnSync('nsenter', words, { encoding: 'utf8' });
  if (status === 0) return 'done';
  return stderr.includes('Read-only file system') ? 'read-only' : 'refused';
}

/** Files below the root of an image that were changed since, volumes and `/tmp` apart. */
export function changedSince({ root }: { readonly root: string }, mark: string): string[] {
  const found = spawnSync('find', [root, '-xdev', '-type', 'f', '-newer', mark], { encoding: 'utf8' });
  return found.stdout.split('\n').filter((path) => path !== '');
}

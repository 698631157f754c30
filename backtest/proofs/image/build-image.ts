import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InputError } from '../../../infra/errors.ts';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { packageRoot } from '../../../infra/package-root.ts';

/** What an image says of how it is run. */
interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, object>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/** An image that was built, and its files as they are mounted. */
export interface BuiltImage {
  readonly root: string;
  readonly config: ImageConfig;
  /** Removes it and all that was stored for it. */
  remove(): void;
}

/** Programs of this machine, and the package of Debian that has each. */
const TOOLS: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  nsenter: 'util-linux',
  chroot: 'coreutils',
  ldd: 'libc-bin',
  npm: 'npm',
};

const isInstalled = (name: string): boolean => spawnSync(name, ['--version']).error === undefined;

/** @throws InputError which names what this machine lacks to build and run an image, and how to get it */
export function requireImageTools(isThere: (name: string) => boolean = isInstalled): void {
  const lacking = Object.keys(TOOLS).filter((name) => !isThere(name));
  if (lacking.length > 0) {
    const packages = [...new Set(lacking.map((name) => TOOLS[name]!))].join(' ');
    throw new InputError(
      `This machine lacks ${lacking.join(', ')}.`,
      `On Debian: apt-get install --no-install-recommends ${packages}`,
    );
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    throw new InputError('An image is built and run without an engine by root on Linux alone.', 'Run this as root.');
}

const run = promisify(execFile);
const said = (command: string, args: readonly string[]): string =>
  execFileSync(command, [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** What a build and a service need of a system, besides Node and npm. */
const PROGRAMS = ['sh', 'env', 'mkdir', 'chown', 'chmod', 'rm', 'cp', 'mv', 'ln', 'ls', 'cat', 'touch', 'uname'];
/** Where the build finds what npm has fetched before. */
const CACHE = '/var/cache/npm';
const TRUSTED = '/etc/ssl/certs/ca-certificates.crt';
/** Of the C library and those of compilers: programs load some of them by name. */
const LIBRARIES = /^lib(c|m|dl|rt|util|pthread|resolv|anl|nss_dns|nss_files|gcc_s|stdc\+\+)\.so\.\d+$/;

/** Copies a file, what it is a link to, and the libraries that it is linked with. */
function take(root: string, path: string): void {
  const to = join(root, path);
  if (existsSync(to)) return;
  execFileSync('mkdir', ['-p', dirname(to)]);
  execFileSync('cp', ['-L', path, to]);
  const linked = spawnSync('ldd', [path], { encoding: 'utf8' }).stdout ?? '';
  for (const [library] of linked.matchAll(/\/\S+/g)) if (existsSync(library)) take(root, library);
}

/** The files of a small system with Node, as this machine has them: it stands in for the base of the image. */
function layBase(root: string): void {
  const folders = ['usr/bin', 'usr/lib/node_modules', 'usr/lib64', 'etc', 'root', 'proc', 'dev', 'tmp'];
  execFileSync('mkdir', ['-p', ...folders.map((folder) => join(root, folder))]);
  for (const name of ['bin', 'lib', 'lib64']) symlinkSync(join('usr', name), join(root, name));
  const node = realpathSync(process.execPath);
  take(root, node);
  if (node !== '/usr/bin/node') symlinkSync(node, join(root, 'usr/bin/node'));
  for (const name of PROGRAMS) take(root, join('/usr/bin', name));
  const cache = said('ldconfig', ['-p']);
  for (const [, name, path] of cache.matchAll(/^\s+(\S+) .*=> (\S+)$/gm)) if (LIBRARIES.test(name!)) take(root, path!);
  const npm = dirname(dirname(realpathSync(said('sh', ['-c', 'command -v npm']))));
  execFileSync('cp', ['-a', npm, join(root, 'usr/lib/node_modules/npm')]);
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/bin/npm'));
  writePrivateFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writePrivateFile(join(root, 'etc/group'), 'root:x:0:\n');
  for (const path of ['/etc/resolv.conf', '/etc/nsswitch.conf', TRUSTED]) if (existsSync(path)) take(root, path);
  // Made under the umask of this program, which closes what it makes to others.
  execFileSync('chmod', ['-R', 'a+rX', root]);
  chmodSync(join(root, 'tmp'), 0o1777);
}

/**
 * Builds the image of this checkout over a base that stands in, with buildah and without an engine. What the base
 * knows of this machine are its certificates, and where npm gets packages from.
 * @param folder is filled with the storage of buildah, some GB until `remove`
 */
export async function buildImage(folder: string): Promise<BuiltImage> {
  const store = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
  const buildah = async (...args: string[]): Promise<string> =>
    (
      await run('sh', ['-c', 'umask 022; exec buildah "$@"', 'sh', ...store, ...args], {
        cwd: packageRoot(),
        maxBuffer: 1 << 28,
      })
    ).stdout.trim();
  const base = join(folder, 'base');
  layBase(base);
  const scratch = await buildah('from', 'scratch');
  await buildah('copy', '-q', scratch, base, '/');
  const env = [
    `PATH=/usr/bin`,
    `NODE_EXTRA_CA_CERTS=${TRUSTED}`,
    `npm_config_cache=${CACHE}`,
    `npm_config_registry=${said('npm', ['config', 'get', 'registry'])}`,
  ];
  await buildah('config', ...env.flatMap((one) => ['--env', one]), scratch);
  await buildah('commit', '-q', scratch, 'base');
  const cache = said('npm', ['config', 'get', 'cache']);
  const kept = existsSync(cache) ? ['--volume', `${cache}:${CACHE}`] : [];
  await buildah(
    ...['build', '--isolation', 'chroot', '--pull-never', '--format', 'docker', '--build-arg', 'BASE=localhost/base'],
    ...[...kept, '-f', 'infra/deploy/Containerfile', '-t', 'signalbox', '.'],
  );
  const container = await buildah('from', '--pull-never', 'localhost/signalbox');
  const root = await buildah('mount', container);
  const { Docker } = JSON.parse(await buildah('inspect', '--type', 'image', 'localhost/signalbox')) as {
    Docker: { config: ImageConfig };
  };
  return {
    root,
    config: Docker.config,
    remove: () => {
      spawnSync('buildah', [...store, 'rm', '--all']);
      spawnSync('buildah', [...store, 'rmi', '--all', '--force']);
    },
  };
}

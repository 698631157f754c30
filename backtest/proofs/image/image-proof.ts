import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../../../infra/errors.ts';
import { writePrivateFile } from '../../../infra/files/private-file.ts';
import { acquireEmbeddedServer } from '../../../infra/postgres/embedded/embedded-server.ts';
import type { CaseFigures, Proof } from '../proof.ts';
import { buildImage, requireImageTools, type BuiltImage } from './build-image.ts';
import { changedSince, healthOf, runImage, writes, type RunningImage } from './run-image.ts';

/** The port that the image's health check asks. */
const ADDRESS = 'http://127.0.0.1:4100';
const WAIT_MS = 120_000;
const LOOK_MS = 200;
/** Where its user must not write, and where it may. */
const CLOSED = ['/app/written', '/written', '/etc/written', '/usr/bin/written'];
const OPEN = ['/data/written', '/tmp/written'];

async function statusOf(path: string): Promise<number | null> {
  return fetch(`${ADDRESS}${path}`).then(
    async (answer) => {
      await answer.arrayBuffer();
      return answer.status;
    },
    () => null,
  );
}

/** @throws Error with what it said, where it ends before it is ready or is not in time */
async function untilReady({ child, said }: RunningImage): Promise<number> {
  const beganMs = performance.now();
  while ((await statusOf('/health/ready')) !== 200) {
    if (child.exitCode !== null || performance.now() - beganMs > WAIT_MS)
      throw new Error(`The image's service is not ready (exit code ${child.exitCode}):\n${said().slice(-4_000)}`);
    await sleep(LOOK_MS);
  }
  return Math.round(performance.now() - beganMs);
}

/** The console's page, and every script and style that it names. */
async function servesConsole(): Promise<boolean> {
  const answer = await fetch(`${ADDRESS}/`);
  const page = await answer.text();
  const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map(([, path]) => path!);
  const statuses = await Promise.all(parts.map(statusOf));
  return answer.status === 200 && parts.length >= 2 && statuses.every((status) => status === 200);
}

/** Runs it against a database, asks it, and stops it. */
async function lookAt(image: BuiltImage, folder: string): Promise<CaseFigures> {
  const server = await acquireEmbeddedServer({ dataDir: join(folder, 'server') });
  const mark = join(folder, 'mark');
  writePrivateFile(mark, '');
  const before = healthOf(image);
  const running = runImage(image, folder, [`DATABASE_URL=${server.url}`]);
  try {
    const readyMs = await untilReady(running);
    const [console, healthy] = [await servesConsole(), healthOf(image)];
    const written = (paths: readonly string[]): string[] => paths.map((path) => writes(image, running, path));
    const [closed, open] = [written(CLOSED), written(OPEN)];
    running.child.kill('SIGTERM');
    const exitCode = await running.ended;
    return {
      ...{
        readyMs,
        console,
        healthy: healthy === 0,
        unhealthy: before !== 0 && healthOf(image) !== 0,
        exitCode: exitCode ?? -1,
      },
      readOnly: closed.every((outcome) => outcome === 'read-only'),
      volumesOpen: open.every((outcome) => outcome === 'done'),
      changed: changedSince(image, mark).length,
    };
  } finally {
    running.child.kill('SIGKILL');
    await running.ended;
    await server.release();
  }
}

async function runCase(): Promise<CaseFigures> {
  requireImageTools();
  if ((await statusOf('/')) !== null)
    throw new InputError(`Something answers at ${ADDRESS}, where the image's health check asks.`, 'End it.');
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-image-'));
  chmodSync(folder, 0o711);
  try {
    const beganMs = performance.now();
    const image = await buildImage(folder);
    try {
      const builtSeconds = Math.round((performance.now() - beganMs) / 1_000);
      return { user: image.config.User, builtSeconds, ...(await lookAt(image, folder)) };
    } finally {
      image.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The image of this checkout, built and run without an engine. */
export const IMAGE_PROOF: Proof = {
  name: 'image',
  shows: 'the image is built by buildah and serves as uid 10001 on a read-only system, writing to its volumes alone',
  // The second must not live on what the first has left.
  count: 2,
  run: runCase,
  conclude: (cases) => ({
    holds: cases.every(
      ({ user, console, healthy, unhealthy, readOnly, volumesOpen, changed, exitCode }) =>
        user === '10001:10001' &&
        console === true &&
        healthy === true &&
        unhealthy === true &&
        readOnly === true &&
        volumesOpen === true &&
        changed === 0 &&
        exitCode === 0,
    ),
    figures: { images: cases.length, ...cases.at(-1) },
  }),
};

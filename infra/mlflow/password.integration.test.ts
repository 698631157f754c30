import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';
import { findFreePort } from '../postgres/embedded/free-port.ts';
import { withProcessLock } from '../postgres/embedded/process-lock.ts';
import { ensurePython } from '../python/python-environment.ts';
import { spawnWatched } from '../python/python-watchdog.ts';
import { describeWith } from '../testing/requirements.ts';
import { countOnServer, DELIVERED_ONCE, sampleTraining } from '../testing/sample-training.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { PATIENCE_MS } from '../testing/patience.ts';
import { configuredClient } from './configured-client.ts';
import { drainOutbox } from './drain.ts';
import type { MlflowClient } from './mlflow-client.ts';
import { enqueue } from './outbox-store.ts';
import { MLFLOW } from './tracking-server.ts';

// A server start took two minutes on two cores that twenty other processes wanted.
const USER = 'admin';
/**
 * Characters that a header, a URL or a shell would take for something else. ASCII alone: MLflow 3.17 decodes the header
 * of artifact uploads as ASCII and answers 401 to others, though it takes them everywhere else.
 */
const PASSWORD = 'secret: p@ss/w%rd ~"\'';
const FORMS = 'Flask-WTF==1.2.2';

describeWith('python', 'an MLflow server that needs a password', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-password-'));
  const logFile = join(folder, 'server.log');
  let server: ChildProcess;
  let database: TestDatabase;
  let uri: string;

  const clientOf = (password: string | null): MlflowClient =>
    configuredClient({
      mlflowTrackingUri: uri,
      mlflowUsername: password === null ? null : USER,
      mlflowPassword: password,
    })!;

  /** The environment of the local server, with the one package more that its login needs. */
  async function pythonWithLogin(): Promise<string> {
    const { dataDir, programPath } = loadConfig();
    const python = await ensurePython({ ...MLFLOW, dataDir, programPath, onStage: () => undefined });
    await withProcessLock(join(dataDir, 'mlflow-login.lock'), 600_000, async () => {
      try {
        execFileSync(python, ['-c', 'import flask_wtf'], { stdio: 'ignore' });
      } catch {
        execFileSync(python, ['-m', 'pip', 'install', '--no-input', '--quiet', FORMS], { stdio: 'inherit' });
      }
    });
    return python;
  }

  function startServer(python: string, port: number): ChildProcess {
    const ini = join(folder, 'auth.ini');
    writeFileSync(
      ini,
      `[mlflow]\ndefault_permission = READ\ndatabase_uri = sqlite:///${join(folder, 'users.db')}\n` +
        `admin_username = ${USER}\nadmin_password = unused\n` +
        `authorization_function = mlflow.server.auth:authenticate_request_basic_auth\n`,
    );
    process.env.MLFLOW_AUTH_CONFIG_PATH = ini;
    process.env.MLFLOW_AUTH_ADMIN_USERNAME = USER;
    process.env.MLFLOW_AUTH_ADMIN_PASSWORD = PASSWORD;
    process.env.MLFLOW_FLASK_SERVER_SECRET_KEY = 'of this test';
    const store = ['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.db')}`];
    const artifacts = ['--artifacts-destination', join(folder, 'artifacts')];
    const where = ['--host', '127.0.0.1', '--port', String(port), '--workers', '1', '--app-name', 'basic-auth'];
    const log = openSync(logFile, 'a');
    try {
      return spawnWatched(python, ['-m', 'mlflow', 'server', ...store, ...artifacts, ...where], log);
    } finally {
      closeSync(log);
    }
  }

  beforeAll(async () => {
    const [python, port] = [await pythonWithLogin(), await findFreePort()];
    uri = `http://127.0.0.1:${port}`;
    server = startServer(python, port);
    const deadline = performance.now() + PATIENCE_MS;
    while (
      (await clientOf(null)
        .checkHealth()
        .catch((error: Error) => error)) instanceof Error
    ) {
      if (server.exitCode !== null || performance.now() > deadline) throw new Error(readFileSync(logFile, 'utf8'));
      await sleep(200);
    }
    database = await createTestDatabase();
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => server?.once('close', resolve));
    server?.stdin!.end();
    await ended;
    await database?.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses without and with a wrong password, saying which setting is wrong and never the password', async () => {
    for (const password of [null, 'guessed-wrong']) {
      const failed = await clientOf(password)
        .findExperiment('any')
        .catch((error: unknown) => error);
      expect(failed).toMatchObject({ failure: 'unauthorized' });
      const said = `${String(failed)} ${(failed as { remedy: string }).remedy}`;
      expect(said).toContain('MLFLOW_TRACKING_PASSWORD');
      expect(said).not.toContain('guessed-wrong');
    }
  });

  it('keeps the outbox while the password is wrong and receives everything once when it is right', async () => {
    await enqueue(database.pool, 'secret', sampleTraining('secret'));
    const early = await drainOutbox(database, clientOf('guessed-wrong'), { retriesMax: 0 });
    expect(early).toMatchObject({ delivered: 0, refused: [], outage: { failure: 'unauthorized' } });
    const client = clientOf(PASSWORD);
    const report = await drainOutbox(database, client, { settleMs: 20 });
    expect(report).toMatchObject({ pending: 0, refused: [], outage: null });
    expect(await countOnServer(client, 'secret')).toEqual(DELIVERED_ONCE);
    const champion = await client.findVersionByAlias('model-secret', 'champion');
    expect(champion!.source).toMatch(/^models:\/m-/);
  });

  it('moves and removes aliases', async () => {
    const client = clientOf(PASSWORD);
    const moves = { modelName: 'model-secret', alias: 'challenger', part: 'second' } as const;
    const versionKey = 'secret/version';
    await enqueue(database.pool, 'secret', [{ kind: 'setAlias', versionKey, ...moves }]);
    await drainOutbox(database, client);
    expect(await client.findVersionByAlias('model-secret', 'challenger')).toMatchObject({ version: '1' });
    const twice = [1, 2].map((n) => ({ kind: 'deleteAlias', ...moves, part: `gone ${n}` }) as const);
    await enqueue(database.pool, 'secret', twice);
    expect(await drainOutbox(database, client)).toMatchObject({ pending: 0, refused: [] });
    expect(await client.findVersionByAlias('model-secret', 'challenger')).toBeUndefined();
  });
});

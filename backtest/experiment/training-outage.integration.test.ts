import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../infra/postgres/database.ts';
import { createQueueFactory, type QueueFactory } from '../../infra/redis/queue.ts';
import { startRedisServer, type RedisServer } from '../../infra/testing/redis-server.ts';
import { describeWith } from '../../infra/testing/requirements.ts';
import { createTestDatabase, type TestDatabase } from '../../infra/testing/test-database.ts';
import { FINAL_FOLD } from '../../models/registry/training-names.ts';
import { runFoldJob } from '../../models/training/run-fold-job.ts';
import { runTraining } from '../../models/training/run-training.ts';
import { startWorkers } from '../../models/training/worker.ts';
import { makeTrainingPlace, outcomeOf, type TrainingPlace } from '../testing/training-place.ts';

const FOLDS = [FINAL_FOLD, 0, 1, 2, 3];
/** Three attempts of a fold with their pauses are over in about two seconds. */
const AWAY_MS = 6_000;

/** A way to the server of `url` that can be cut: connections break, and new ones are refused. */
class Link {
  url = '';
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server;

  constructor(url: string) {
    this.#target = new URL(url);
    this.#server = this.#listener();
  }

  async mend(): Promise<void> {
    const port = this.url === '' ? 0 : Number(new URL(this.url).port);
    this.#server = this.#listener();
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    const own = new URL(this.#target);
    own.port = String((this.#server.address() as AddressInfo).port);
    this.url = own.href;
  }

  async cut(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #listener(): Server {
    return createServer((near) => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
        this.#sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => other.destroy());
        socket.pipe(other);
      }
    });
  }
}

describeWith('redis', 'workers whose database is away while their queue is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-away-'));
  let redis: RedisServer;
  let database: TestDatabase;
  let far: Database;
  let link: Link;
  let place: TrainingPlace;
  let queues: QueueFactory;
  let hash: string;

  const train = (): Promise<void> =>
    runTraining({ database, queues, trainingHash: hash, signal: new AbortController().signal });
  const isWhole = async (): Promise<void> => {
    const { folds, models, versions } = await outcomeOf(database, hash);
    expect([folds!.length, models!.length, versions!.length]).toEqual([FOLDS.length, FOLDS.length, 1]);
  };

  beforeAll(async () => {
    redis = await startRedisServer();
    database = await createTestDatabase();
    link = new Link(database.url);
    await link.mend();
    far = await openDatabase({ databaseUrl: link.url, dataDir: folder }, { migrate: false });
    const env = { REDIS_URL: redis.url, SIGNALBOX_HOME: folder };
    place = await makeTrainingPlace(database, { folder, trees: 5, env });
    queues = createQueueFactory(place.config, database, () => undefined);
    await startWorkers({ config: place.config, database: far, queues, concurrency: 2 });
  });
  beforeEach(async () => {
    hash = await place.planAfresh();
  });
  afterAll(async () => {
    await queues?.close(true);
    await far?.close();
    await link?.cut();
    await database?.drop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('train the folds when it is back, however many attempts its absence would have cost', async () => {
    // Threads that have started fail at once; those that start while the database is away take longer than it is.
    await train();
    hash = await place.planAfresh();
    await link.cut();
    const training = train();
    await Promise.race([training, sleep(AWAY_MS)]);
    await link.mend();
    await training;
    await isWhole();
  });

  it('assemble the training when it is back', async () => {
    const quiet = { clock: () => 0, signal: new AbortController().signal, onProgress: () => undefined };
    for (const fold of FOLDS) await runFoldJob(database, { trainingHash: hash, fold }, quiet);
    await link.cut();
    const training = train();
    await Promise.race([training, sleep(AWAY_MS / 2)]);
    await link.mend();
    await training;
    await isWhole();
  });
});

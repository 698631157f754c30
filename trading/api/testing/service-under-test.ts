import type { LightMyRequestResponse } from 'fastify';
import { createToken } from '../../../infra/auth/accounts.ts';
import type { Role } from '../../../infra/auth/roles.ts';
import { SYSTEM } from '../../../infra/audit/operator.ts';
import { systemClock, type Clock } from '../../../infra/clock.ts';
import { databaseContext } from '../../../infra/testing/command-context.ts';
import type { Database } from '../../../infra/postgres/database.ts';
import { childBars, childSession } from '../../testing/streaming-session-child.ts';
import { systemSleep } from '../../../infra/sleep.ts';
import { runPaper } from '../../sessions/paper-command.ts';
import type { Replay } from '../../sessions/replay.ts';
import { listSessions } from '../../sessions/session-store.ts';
import { createService, type RouteCollection, type Service, type ServiceOptions } from '../service.ts';

/** What a request of a test says besides where it goes. */
export interface Said {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Surroundings {
  readonly clock?: Clock;
  readonly env?: NodeJS.ProcessEnv;
}

/** The service over a database of a test, asked without a network. */
export class ServiceUnderTest {
  readonly service: Service;
  readonly #database: Database;
  readonly #clock: Clock;

  private constructor(service: Service, database: Database, clock: Clock) {
    this.service = service;
    this.#database = database;
    this.#clock = clock;
  }

  static async over(
    database: Database,
    routes: RouteCollection,
    { clock = systemClock, env = {}, ...options }: Partial<ServiceOptions> & Surroundings = {},
  ): Promise<ServiceUnderTest> {
    const context = databaseContext(database, { clock, env: { SIGNALBOX_LOG: 'silent', ...env } });
    const service = await createService({ context, routes, perSecond: 100_000, ...options });
    return new ServiceUnderTest(service, database, clock);
  }

  async ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, said: Said = {}): Promise<LightMyRequestResponse> {
    const { token, body, headers = {} } = said;
    return this.service.app.inject({
      method,
      url,
      headers: { host: 'localhost', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    });
  }

  /** A new token of a role. */
  async token(name: string, role: Role, sessions: readonly string[] | null = null): Promise<string> {
    const doing = { database: this.#database, clock: this.#clock, actor: SYSTEM };
    return (await createToken(doing, { name, role, sessions, days: 1 })).value;
  }
}

type Options = Replay['options'];

/** A paper session over random bars that has ended, or (`until` bars) was stopped before. */
export async function paperSession(
  database: Database,
  id: string,
  until = Infinity,
  options: Options = childSession,
): Promise<void> {
  const ending = new AbortController();
  const { strategy } = options;
  const watched = {
    ...strategy,
    forSymbol: (symbol: string) => {
      const own = strategy.forSymbol(symbol);
      return {
        ...own,
        decide: (view: Parameters<typeof own.decide>[0]) => {
          if (view.length >= until) ending.abort(new Error('stopped by the test'));
          return own.decide(view);
        },
      };
    },
  };
  await runOf(database, id, { options: { ...options, strategy: watched }, speed: 'max', signal: ending.signal });
}

/** A paper session that has had its first bars and waits for the next, which do not come. */
export class WaitingSession {
  readonly #ending = new AbortController();
  readonly #run: Promise<unknown>;

  private constructor(database: Database, id: string, options: Options) {
    this.#run = runOf(database, id, { options, speed: '0.001', signal: this.#ending.signal });
  }

  static async start(database: Database, id: string, options: Partial<Options> = {}): Promise<WaitingSession> {
    const session = new WaitingSession(database, id, { ...childSession, ...options });
    await session.until(async () => (await listSessions(database.pool, { ids: [id] }))[0]?.lastClose instanceof Date);
    return session;
  }

  /** Waits for what comes while it runs. @throws what ended it before */
  async until(holds: () => Promise<boolean>): Promise<void> {
    const ended = this.#run.then(
      () => 'ended' as const,
      () => 'ended' as const,
    );
    while (!(await holds())) {
      if ((await Promise.race([ended, systemSleep(10)])) === 'ended') throw new Error('the session has ended');
    }
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error('stopped by the test'));
    // A feed that waits for its next bar ends by the abort itself.
    await this.#run.catch((error: Error) => {
      if (error.name !== 'AbortError') throw error;
    });
  }
}

function runOf(
  database: Database,
  id: string,
  { options, speed, signal }: { options: Options; speed: string; signal: AbortSignal },
): Promise<unknown> {
  const symbols = options.instruments.map(({ symbol }) => symbol);
  const session = { id, kind: 'paper' as const, symbols, capital: options.capital, definition: {} };
  return runPaper(databaseContext(database, { signal }), { speed, feed: 'replay', session: id }, () =>
    Promise.resolve({ options, bars: childBars, session }),
  );
}

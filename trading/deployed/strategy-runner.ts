import type { CommandContext } from '../../infra/command.ts';
import { SYSTEM } from '../../infra/audit/operator.ts';
import { InputError, SignalboxError } from '../../infra/errors.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { systemSleep } from '../../infra/sleep.ts';
import { silentProgress } from '../../infra/terminal/progress.ts';
import { startCommand } from '../sessions/supervisor/start-command.ts';
import { askToStop, isStopAsked } from '../sessions/supervisor/supervisor-store.ts';
import { seenStrategies, type WholeStrategy } from './seen-strategies.ts';
import { tellPaused } from './strategy-actions.ts';
import { versionFile } from './version-file.ts';
import { hasFailed, isUp } from './strategy-state.ts';
import { beginRun, endStart, findStrategy, listStrategies, readVersion, takeStart } from './strategy-store.ts';

/** How often it is looked whether what is wanted is true. */
const LOOK_MS = 1_000;
/** A start has come to something by then: until then nobody else tries. */
const START_SECONDS = 90;
/** Between two starts, at the least. */
const AFTER_SECONDS = 5;
const WAIT_SECONDS_MAX = 300;
/** Each start loads a whole program. */
const STARTS_MAX = 2;

/**
 * Makes true what is wanted of strategies: starts those that are to run under a supervisor of their own, tells paused
 * ones to open nothing, stops the others. Any number of processes may do so at once: a start is taken by one of them,
 * and supervisor and session are kept single by their locks. What was started outlives this process.
 */
export class StrategyRunner {
  readonly #context: CommandContext;
  readonly #database: Database;
  readonly #ending = new AbortController();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #looking: Promise<void>;
  #said = '';

  private constructor(context: CommandContext, database: Database) {
    this.#context = context;
    this.#database = database;
    this.#looking = this.#look();
  }

  static async start(context: CommandContext): Promise<StrategyRunner> {
    return new StrategyRunner(context, await context.database());
  }

  /** Ends the looking. What was started goes on. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#looking;
    await Promise.allSettled(this.#starting.values());
  }

  async #look(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#lookOnce();
        this.#said = '';
      } catch (error) {
        // The database may be away: it is asked again, and that is said once.
        const { message } = error as Error;
        if (message !== this.#said) this.#context.progress.note(`strategies: ${message}`);
        this.#said = message;
      }
      await systemSleep(LOOK_MS, signal).catch(() => undefined);
    }
  }

  async #lookOnce(): Promise<void> {
    const { pool } = this.#database;
    const strategies = (await listStrategies(pool)).filter(({ sessionId, restart }) => sessionId !== null || restart);
    for (const seen of await seenStrategies(pool, strategies)) {
      if (!this.#ending.signal.aborted) await this.#makeTrue(seen);
    }
  }

  async #makeTrue(seen: WholeStrategy): Promise<void> {
    const { strategy, session } = seen;
    const { pool } = this.#database;
    if (strategy.desired === 'stopped' || strategy.restart) {
      if (isUp(seen)) await this.#stop(seen);
      else if (strategy.restart) await beginRun(pool, strategy);
      return;
    }
    if (strategy.desired === 'paused' && session?.state === 'running' && strategy.toldSession !== session.id) {
      await tellPaused(this.#database, seen, { actor: SYSTEM, reason: `strategy ${strategy.name} is paused` });
    }
    if (isUp(seen) || session?.state === 'ended' || hasFailed(seen)) return;
    if (this.#starting.has(strategy.name) || this.#starting.size >= STARTS_MAX) return;
    if (!(await takeStart(pool, strategy, START_SECONDS))) return;
    const starting = this.#begin(seen).finally(() => this.#starting.delete(strategy.name));
    this.#starting.set(strategy.name, starting);
    starting.catch((error: Error) => this.#context.progress.note(`strategy ${strategy.name}: ${error.message}`));
  }

  /** Asks once more where its process has begun since: it has not heard of it. */
  async #stop({ strategy, supervisor }: WholeStrategy): Promise<void> {
    const { pool } = this.#database;
    const since = supervisor?.alive === true ? supervisor.beganAt : strategy.askedAt;
    if (!(await isStopAsked(pool, strategy.sessionId!, since))) await askToStop(pool, strategy.sessionId!);
  }

  async #begin({ strategy }: WholeStrategy): Promise<void> {
    const { pool } = this.#database;
    const { name, sessionId, sessionVersion, tries } = strategy;
    try {
      await this.#startSession(name, sessionId!, sessionVersion!);
      await endStart(pool, name, { problem: null, seconds: AFTER_SECONDS });
    } catch (error) {
      if (this.#ending.signal.aborted) return endStart(pool, name, { problem: null, seconds: 0 });
      const now = await findStrategy(pool, name);
      const [seen] = now === undefined ? [] : await seenStrategies(pool, [now]);
      // Another process was faster.
      if (seen === undefined || isUp(seen)) return endStart(pool, name, { problem: null, seconds: AFTER_SECONDS });
      if (!(error instanceof SignalboxError)) this.#context.progress.note(`strategy ${name}: ${String(error)}`);
      const seconds = Math.min(WAIT_SECONDS_MAX, AFTER_SECONDS * 2 ** tries);
      await endStart(pool, name, { problem: (error as Error).message, seconds });
    }
  }

  async #startSession(name: string, session: string, version: number): Promise<void> {
    const found = await readVersion(this.#database.pool, name, version);
    if (found === undefined) throw new InputError(`There is no version ${version} of strategy "${name}".`);
    const { broker, feed, speed, foreign } = found.settings;
    const path = versionFile(this.#context.config.dataDir, { name, version, yaml: found.yaml });
    await startCommand(
      { ...this.#context, progress: silentProgress(), signal: this.#ending.signal },
      {
        ...{ session, broker, speed: speed === null ? 'max' : String(speed), hours: 'market', restarts: '10' },
        ...(broker === 'simulated' ? { feed } : { foreign }),
      },
      path,
    );
  }
}

import type { CommandContext } from '../../command.ts';
import { lockUntilCommit } from '../../postgres/lock-until-commit.ts';
import { systemSleep, type Sleep } from '../../sleep.ts';
import { configuredChannels } from '../configured-channels.ts';
import type { Reading, ReadingSource } from './alert-metric.ts';
import { evaluateRules, holdingRules, windowsOf } from './evaluate-rules.ts';

/** Between two looks, in ms. */
const EVERY_MS = 2_000;

export interface WatchOptions {
  readonly context: Pick<CommandContext, 'config' | 'clock' | 'progress' | 'database'>;
  readonly sources: readonly ReadingSource[];
  /** Aborted: it ends after the look that is under way. */
  readonly signal: AbortSignal;
  readonly everyMs?: number;
  readonly sleep?: Sleep;
}

/**
 * Measures, and applies every rule to what is measured, until `signal` is aborted. Several processes may do so at a
 * time. A source that fails is said once, and what it measures stays as it was.
 */
export async function watchRules({ everyMs = EVERY_MS, sleep = systemSleep, ...options }: WatchOptions): Promise<void> {
  const failing = new Set<string>();
  while (!options.signal.aborted) {
    for (const source of options.sources) {
      try {
        const { pool } = await options.context.database();
        const windows = windowsOf(await holdingRules(pool));
        await applyRules(options.context, source.name, await source.read(windows));
        failing.delete(source.name);
      } catch (error) {
        if (!failing.has(source.name))
          options.context.progress.note(`rules about ${source.name} cannot be applied: ${(error as Error).message}`);
        failing.add(source.name);
      }
    }
    await sleep(everyMs, options.signal).catch((error: unknown) => {
      if (!options.signal.aborted) throw error;
    });
  }
}

/** Applies every rule to what a source has measured just now. */
export async function applyRules(
  { config, clock, database }: WatchOptions['context'],
  source: string,
  readings: readonly Reading[],
): Promise<void> {
  const channels = configuredChannels(config).map(({ name }) => name);
  await (
    await database()
  ).transaction(async (client) => {
    await lockUntilCommit(client, 'rules of alerts are applied');
    const rules = await holdingRules(client);
    await evaluateRules(client, { rules, source, readings, atMs: clock(), channels, settings: config.alerts });
  });
}

import type pg from 'pg';
import type { CommandContext } from '../command.ts';
import { configuredChannels } from './configured-channels.ts';
import type { DeliverOptions } from './deliver-alerts.ts';
import { passingChannels } from './push/passing-channels.ts';

/** How a process delivers alerts, as it is configured: to which channels, and how patiently. */
export function configuredDelivery(
  { config, clock, progress }: Pick<CommandContext, 'config' | 'clock' | 'progress'>,
  pool: Pick<pg.Pool, 'query'>,
): Omit<DeliverOptions, 'signal'> {
  const passing = passingChannels(config, pool);
  return {
    pool,
    clock,
    channels: configuredChannels(config),
    note: (text) => progress.note(text),
    escalateMs: 60_000 * config.alerts.escalateMinutes,
    groupMs: 1_000 * config.alerts.groupSeconds,
    ...(passing === undefined ? {} : { passing }),
  };
}

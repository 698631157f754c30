import type { CommandContext, CommandOutput } from '../../../infra/command.ts';
import { DAY_MS } from '../../../features/timeframe.ts';
import { countRequestsBefore, forgetRequestsBefore } from './request-store.ts';

/**
 * `sessions retain`: what was sent to venues and answered goes once it is older than `operationalDays`. Orders, fills,
 * decisions and the audit stay.
 */
export async function retainCommand(context: CommandContext, { dryRun }: { dryRun?: boolean }): Promise<CommandOutput> {
  const { operationalDays } = context.config;
  const { pool } = await context.database();
  const before = new Date(context.clock() - operationalDays * DAY_MS);
  const isDry = dryRun === true;
  const requests = isDry ? await countRequestsBefore(pool, before) : await forgetRequestsBefore(pool, before);
  const value = { before: before.toISOString(), operationalDays, requests, dryRun: isDry };
  const what = `${requests} ${requests === 1 ? 'request' : 'requests'} to venues`;
  const verb = isDry ? 'Would remove' : 'Removed';
  return { value, text: () => `${verb} ${what} from before ${value.before} (${operationalDays} days).` };
}

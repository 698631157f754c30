import type { Command } from 'commander';
import { addCommand, bindAction, type CommandContext, type CommandOutput } from '../command.ts';
import { InputError, SignalboxError } from '../errors.ts';
import { parsePort } from '../parse-port.ts';
import type { DrainReport } from './drain.ts';
import { outboxStatus, requeueRefused, type OutboxStatus } from './outbox-store.ts';

/** `tracking`, `tracking drain` and `tracking status`. */
export function registerTrackingCommands(program: Command): void {
  const tracking = addCommand(program, 'tracking', 'run a local MLflow server until Ctrl-C (needs Python 3.10)');
  tracking.option('--port <N>', 'listen on this port (default: the one of the last time, or any free one)');
  // Otherwise --json after `drain` would be taken for an option of `tracking`; commander wants it said on every level
  // above.
  program.enablePositionalOptions();
  tracking.enablePositionalOptions();
  bindAction(tracking, runServer);
  const drain = addCommand(tracking, 'drain', 'deliver what waits in the outbox to MLFLOW_TRACKING_URI');
  drain.option('--retry-refused', 'put entries that the server had refused back in line first');
  bindAction(drain, drainNow);
  bindAction(addCommand(tracking, 'status', 'what waits in the outbox and what was refused'), showStatus);
}

async function runServer(context: CommandContext, options: { port?: string }): Promise<CommandOutput> {
  const { config, progress, signal } = context;
  const port = options.port === undefined ? undefined : parsePort(options.port);
  const { dataDir, programPath } = config;
  const onStage = (text: string): void => progress.note(text);
  const { ensureTrackingServer } = await import('./tracking-server.ts');
  const server = await ensureTrackingServer({ dataDir, programPath, port, signal, onStage });
  context.print(
    `MLflow runs at ${server.uri} until Ctrl-C. In other terminals:\n\n  export MLFLOW_TRACKING_URI=${server.uri}\n`,
  );
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const log = await Promise.race([aborted, server.ended]);
  await server.stop();
  if (log !== null) throw new SignalboxError(`The MLflow server ended by itself:\n${log}`);
  return { value: { uri: server.uri, stopped: true }, text: () => 'MLflow has stopped.' };
}

async function drainNow(context: CommandContext, options: { retryRefused?: boolean }): Promise<CommandOutput> {
  const [{ configuredClient }, { drainOutbox }] = await Promise.all([
    import('./configured-client.ts'),
    import('./drain.ts'),
  ]);
  const client = configuredClient(context.config);
  if (client === null) {
    throw new InputError(
      'MLFLOW_TRACKING_URI is not set, so there is no server to deliver to.',
      'Set it; `signalbox tracking` runs a local server and prints its address.',
    );
  }
  const database = await context.database();
  if (options.retryRefused === true) await requeueRefused(database.pool);
  const { pending } = await outboxStatus(database.pool, 0);
  const stage = context.progress.stage(`Delivering to ${client.address}`, pending);
  const report = await drainOutbox(database, client, { signal: context.signal, onDelivered: () => stage.advance() });
  stage.done();
  const failed = report.outage !== null || report.stalled.length > 0 || report.refused.length > 0;
  return { value: report, text: () => describeDrain(report), exitCode: failed ? 1 : 0 };
}

/** The report as a user reads it. */
export function describeDrain(report: DrainReport): string {
  const { delivered, pending, busyStreams, refused, stalled, outage } = report;
  return [
    `${delivered} delivered, ${pending} waiting, ${refused.length} refused.`,
    ...(busyStreams > 0 ? [`Another process was delivering ${busyStreams} of the streams.`] : []),
    ...refused.map(({ stream, entryKey, answer }) => `refused: ${stream} ${entryKey}: ${answer}`),
    ...stalled.map(({ stream, entryKey, answer }) => `put aside: ${stream} ${entryKey}: ${answer}`),
    ...(outage === null ? [] : [`stopped: ${outage.message}`]),
    ...(outage === null || outage.remedy === '' ? [] : [`remedy: ${outage.remedy}`]),
  ].join('\n');
}

async function showStatus(context: CommandContext): Promise<CommandOutput> {
  const status = await outboxStatus((await context.database()).pool);
  return { value: status, text: () => describeStatus(status) };
}

function describeStatus({ pending, refused, delivered, oldestPending, refusals }: OutboxStatus): string {
  const since = oldestPending === null ? '' : ` (since ${oldestPending.toISOString()})`;
  return [
    `${pending} waiting${since}, ${refused} refused, ${delivered} delivered.`,
    ...refusals.map(({ stream, entryKey, answer }) => `refused: ${stream} ${entryKey}: ${answer}`),
    ...(refused > refusals.length ? [`... and ${refused - refusals.length} more`] : []),
    ...(refused > 0 ? ['`signalbox tracking drain --retry-refused` tries them again.'] : []),
  ].join('\n');
}

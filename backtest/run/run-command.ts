import { basename, dirname } from 'node:path';
import { once } from 'node:events';
import type { CommandContext, CommandOutput } from '../../infra/command.ts';
import { isPortFree } from '../../infra/postgres/embedded/free-port.ts';
import { parsePort } from '../../infra/parse-port.ts';
import { isConsoleBuilt } from '../../trading/api/console-pages.ts';
import type { ServiceParts } from '../../trading/api/serve-command.ts';
import type { ExperimentOptions } from '../command-options.ts';
import type { ExperimentRun } from '../experiment/run-experiment.ts';
import { outputOf, runOf } from './experiment-commands.ts';
import { assertPortFree, serveReport } from './serve-report.ts';

/** The usual port of the service, and how many after it are tried. */
const PORT_DEFAULT = 4100;
const PORTS_TRIED = 20;
const NOT_BUILT = 'The console has not been built here (node setup.mjs builds it, and needs the npm registry once).';

export interface RunCommandOptions extends ExperimentOptions {
  /** Loads what the service is made of. */
  readonly collect: () => Promise<ServiceParts>;
}

/** What is shown once a run has ended: what it says of itself, and how it is closed. */
interface Shown {
  readonly words: string;
  close(): Promise<void>;
}

/**
 * `run EXPERIMENT`: with `--serve` it ends at Ctrl-C. A port that cannot be had is found before the work, not after.
 */
export async function runCommand(
  context: CommandContext,
  options: RunCommandOptions,
  experiment: string,
): Promise<CommandOutput | undefined> {
  const port = options.port === undefined ? null : parsePort(options.port);
  const serves = options.serve === true && options.once !== true;
  if (serves && port !== null) await assertPortFree(port);
  const run = await runOf(context, options, experiment);
  if (!serves) return outputOf(run);
  const { value, text } = outputOf(run);
  context.print(text());
  const shown = await show(context, run, { port, collect: options.collect });
  context.print(shown.words);
  if (!context.signal.aborted) await once(context.signal, 'abort');
  await shown.close();
  return context.json ? { value, text: () => '' } : undefined;
}

/** Shows a run in the console where somebody is at a terminal, else its report. */
async function show(
  context: CommandContext,
  { reportPath }: Pick<ExperimentRun, 'reportPath'>,
  { port, collect }: { readonly port: number | null; readonly collect: () => Promise<ServiceParts> },
): Promise<Shown> {
  const atTerminal = process.stdout.isTTY === true && !context.json;
  const hasConsole = atTerminal && isConsoleBuilt();
  if (hasConsole) return showInConsole(context, basename(dirname(reportPath)), { port, parts: await collect() });
  const served = await serveReport(reportPath, port);
  const words = `The report is at ${served.url} until Ctrl-C.`;
  return { words: atTerminal ? `${NOT_BUILT}\n${words}` : words, close: () => served.close() };
}

/**
 * Serves the console on loopback, with the page of a run to open first; whoever never chose a password of the
 * administrator is led by way of that.
 */
export async function showInConsole(
  context: CommandContext,
  run: string,
  { port, parts }: { readonly port: number | null; readonly parts: ServiceParts },
): Promise<Shown> {
  const { startService } = await import('../../trading/api/serve-command.ts');
  const wanted = port ?? (await firstFreePort());
  const { address, link, close } = await startService(context, { host: '127.0.0.1', port: String(wanted) }, parts);
  const page = `/backtests/${encodeURIComponent(run)}`;
  const lines =
    link === null
      ? [`The console shows this run until Ctrl-C: ${address}${page}`]
      : [
          `The console shows this run until Ctrl-C. Choose the password of "admin" first, by this link, once:`,
          `  ${address}/welcome?to=${page}#${link}`,
          `Later it is at ${address}${page}`,
        ];
  return { words: lines.join('\n'), close };
}

/** The usual port of the service, or the next that is free. */
async function firstFreePort(): Promise<number> {
  for (let port = PORT_DEFAULT; port < PORT_DEFAULT + PORTS_TRIED; port++) if (await isPortFree(port)) return port;
  return PORT_DEFAULT;
}

import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { ServiceParts } from '../../trading/api/serve-command.ts';
import { addExperimentOptions, type ExperimentOptions } from '../command-options.ts';

/**
 * Registers `run`, the main job. @param collect loads the routes of every folder, and what works beside them: where a
 * run ends at a terminal, the console shows it
 */
export function registerRunCommand(program: Command, collect: () => Promise<ServiceParts>): void {
  const run = addCommand(program, 'run <experiment>', 'ingest, materialise, train, walk forward, report: the main job');
  addExperimentOptions(run);
  run.option('--serve', 'show it until Ctrl-C, on loopback: in the console at a terminal, else the report alone');
  run.option('--once', 'end when the report is written');
  run.option('--port <N>', 'serve on this port (default: the first free one from 4100; of the report alone from 4380)');
  bindAction<ExperimentOptions>(run, async (context, options, experiment) =>
    // Loaded when it runs: charts, queue and server take seconds of a slow machine.
    (await import('./run-command.ts')).runCommand(context, { ...options, collect }, experiment!),
  );
}

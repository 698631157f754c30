import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import { addFileOptions } from '../../pipelines/commands/features-command.ts';
import type { AnomaliesOptions } from './anomalies-command.ts';

/** Registers `anomalies`. */
export function registerAnomaliesCommand(program: Command): void {
  const does = 'what lies far out of its own past: in bars, in the fills of a session, in what its models say';
  const command = addCommand(program, 'anomalies', does)
    .option('--bars <FILE>', 'of the bars of a CSV (also .gz) or Parquet file, or of a folder of them')
    .option('--session <ID>', 'of this session (default without --bars: the newest that runs, or else ran)')
    .option('--least <X>', 'from how many standard deviations on', '6')
    .option('--limit <N>', 'no more than the newest N', '100');
  bindAction<AnomaliesOptions>(addFileOptions(command), async (context, options) =>
    (await import('./anomalies-command.ts')).anomaliesCommand(context, options),
  );
}

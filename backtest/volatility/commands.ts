import type { Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import { addFileOptions } from '../../pipelines/commands/features-command.ts';
import type { VolatilityOptions } from './volatility-command.ts';

/** Registers `volatility`. */
export function registerVolatilityCommand(program: Command): void {
  const does = 'forecast the volatility of the bars of a file by EWMA, GARCH, HAR and regimes, and score them';
  const command = addCommand(program, 'volatility', does)
    .option('--bars <FILE>', 'CSV (also .gz) or Parquet file, or a folder of them')
    .option('--window <N>', 'bars that a model is fitted on', '504')
    .option('--every <N>', 'lengths of a bar, by the clock, from one fit to the next', '30')
    .option(
      '--realised <MEASURE>',
      'what forecasts are scored by: returns (squared) or range (gap and range, less noisy; its bias favours HAR)',
      'returns',
    )
    .option('--seed <N>', 'seed of the bootstrap that tells models apart', '7')
    .option('--out <FILE>', 'write every forecast beside what came: CSV, Parquet or Arrow');
  bindAction<VolatilityOptions>(addFileOptions(command), async (context, options) =>
    (await import('./volatility-command.ts')).volatilityCommand(context, options),
  );
}

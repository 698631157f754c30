import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { registerBacktestCommands } from './backtest/commands.ts';
import { replayExperiment } from './backtest/replay-experiment.ts';
import { runCommandLine } from './infra/command.ts';
import { registerInfraCommands } from './infra/commands.ts';
import { registerTrackingCommands } from './infra/mlflow/commands.ts';
import { registerModelCommands } from './models/commands.ts';
import { loadExperiment } from './models/load-experiment.ts';
import { registerPipelineCommands } from './pipelines/commands.ts';
import { registerTradingCommands } from './trading/commands.ts';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

const program = new Command('signalbox')
  .description('Machine-learning trading signals: one engine for backtest, paper and live.')
  .version(version)
  .showSuggestionAfterError()
  .exitOverride();

registerBacktestCommands(program);
registerPipelineCommands(program, loadExperiment);
registerModelCommands(program);
registerTradingCommands(program, replayExperiment);
registerTrackingCommands(program);
registerInfraCommands(program);

process.exitCode = await runCommandLine(program, process.argv.slice(2));

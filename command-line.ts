import { Command } from 'commander';
import { registerBacktestCommands } from './backtest/commands.ts';
import { registerRunCommand } from './backtest/run/commands.ts';
import { registerAlertCommands } from './infra/alerts/commands.ts';
import { registerAuthCommands } from './infra/auth/commands.ts';
import { registerAuditCommands } from './infra/audit/commands.ts';
import { registerInfraCommands } from './infra/commands.ts';
import { registerLogCommands } from './infra/logging/levels/commands.ts';
import { registerTrackingCommands } from './infra/mlflow/commands.ts';
import { registerCompletionCommand } from './infra/terminal/completion/commands.ts';
import { programVersion } from './infra/program-version.ts';
import { registerDataCommands } from './models/experiment/commands.ts';
import { registerModelCommands } from './models/commands.ts';
import { registerRetainCommand } from './models/retention/commands.ts';
import { registerNotebookCommands } from './infra/notebooks/commands.ts';
import { registerCatalogueCommands } from './pipelines/catalogue/commands.ts';
import { registerPipelineCommands } from './pipelines/commands/commands.ts';
import { registerEventCommands } from './pipelines/events/commands.ts';
import { registerRetentionCommands } from './pipelines/retention/commands.ts';
import { registerAgentCommand } from './trading/agents/commands.ts';
import { registerAnomaliesCommand } from './trading/anomalies/commands.ts';
import { registerServeCommand } from './trading/api/commands.ts';
import { registerTopCommand } from './trading/top/commands.ts';
import { registerTradingCommands } from './trading/sessions/commands.ts';

/** What `--help` shows together, most used first. A command that stands in none comes last, under `Commands`. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Research:': [
    'run',
    'train',
    'walk-forward',
    'optimize',
    'portfolio',
    'backtest',
    'report',
    'runs',
    'trades',
    'equity',
    'transactions',
    'taxes',
    'predictions',
    'models',
    'monitor',
    'schedule',
    'cancel',
    'experiments',
    'strategies',
    'estimators',
    'volatility',
    'anomalies',
    'plan',
  ],
  'Trading:': [
    'paper',
    'live',
    'halt',
    'reduce',
    'flatten',
    'emergency-stop',
    'resume',
    'risk',
    'sessions',
    'account',
    'positions',
    'orders',
    'fills',
    'signals',
    'outcomes',
    'parity',
    'publish',
    'top',
  ],
  'Data:': ['init', 'ingest', 'check', 'materialize', 'features', 'feed', 'quote', 'book', 'events', 'data'],
  'Checking the work:': ['lookahead', 'warmup', 'verify', 'bench', 'prove'],
  'Running it:': [
    'serve',
    'mcp',
    'worker',
    'doctor',
    'users',
    'tokens',
    'alerts',
    'audit',
    'db',
    'tracking',
    'notebooks',
    'completion',
    'logs',
  ],
};

const service = () => import('./service.ts');

/** The whole command line, ready to parse. Every call makes a new one: commander keeps the options it has read. */
export function createCommandLine(): Command {
  const program = new Command('signalbox')
    .description('Machine-learning trading signals: one engine for backtest, paper and live.')
    .version(programVersion())
    .showSuggestionAfterError()
    .exitOverride();
  registerModelCommands(program);
  registerDataCommands(program);
  registerPipelineCommands(program);
  registerRunCommand(program, service);
  registerBacktestCommands(program);
  registerAuditCommands(program);
  registerAlertCommands(program);
  registerTradingCommands(program);
  registerAnomaliesCommand(program);
  registerServeCommand(program, service);
  registerAgentCommand(program, service);
  registerAuthCommands(program, async () => (await service()).serviceAccess());
  registerNotebookCommands(program);
  registerTrackingCommands(program);
  registerInfraCommands(program);
  registerRetentionCommands(program);
  registerRetainCommand(program);
  registerCompletionCommand(program);
  registerLogCommands(program);
  registerTopCommand(program);
  registerEventCommands(program);
  registerCatalogueCommands(program);
  for (const [heading, names] of Object.entries(GROUPS)) {
    for (const command of program.commands) if (names.includes(command.name())) command.helpGroup(heading);
  }
  const help = new Command('help').argument('[command]').description('display help for command');
  program.addHelpCommand(help.helpGroup('Running it:'));
  return program;
}

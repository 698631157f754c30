import { Option, type Command } from 'commander';
import { addCommand, bindAction } from '../../infra/command.ts';
import type { ServiceParts } from '../api/serve-command.ts';
import { AGENT_ROLES, type McpOptions } from './mcp-options.ts';

/** Registers `mcp`. @param collect loads the routes of every folder, and what works beside them */
export function registerAgentCommand(program: Command, collect: () => Promise<ServiceParts>): void {
  const mcp = addCommand(
    program,
    'mcp',
    'tools for agents over standard input and output: research and paper, never live',
  )
    .addOption(
      new Option(
        '--role <ROLE>',
        'what the agent may: read (viewer), or run backtests and paper strategies too (trader)',
      )
        .choices(AGENT_ROLES)
        .default('viewer'),
    )
    .option('--url <URL>', 'over this service instead of the database; its token says what the agent may')
    .option('--token-env <NAME>', 'variable of the environment that holds the token for it', 'SIGNALBOX_TOKEN');
  bindAction<McpOptions>(mcp, async (context, options) => {
    const [{ mcpCommand }, parts] = await Promise.all([import('./mcp-command.ts'), collect()]);
    return mcpCommand(context, options, parts);
  });
}

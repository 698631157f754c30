import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Identity } from '../../infra/auth/identity.ts';
import { roleMay } from '../../infra/auth/roles.ts';
import type { CommandContext } from '../../infra/command.ts';
import type { ServiceParts } from '../api/serve-command.ts';
import { createService } from '../api/service.ts';
import { serviceAddress } from '../../infra/http/service-address.ts';
import { agentServer } from './agent-server.ts';
import { routedTools } from './agent-tools.ts';
import type { McpOptions } from './mcp-options.ts';
import { RemoteTools } from './remote-tools.ts';

/**
 * Serves agents over standard input and output until the other side closes it: from the database of this machine, or
 * over a service (`--url`) with a token from the environment.
 * @throws InputError for a token that is not set
 */
export async function mcpCommand(
  context: CommandContext,
  options: McpOptions,
  parts: ServiceParts,
): Promise<undefined> {
  const transport = new StdioServerTransport();
  const closed = Promise.race([
    once(process.stdin, 'close'),
    once(process.stdin, 'end'),
    ...(context.signal.aborted ? [] : [once(context.signal, 'abort')]),
  ]);
  if (options.url !== undefined) {
    const remote = new RemoteTools(transport, serviceAddress(options.url, options.tokenEnv));
    await remote.start();
    context.progress.note(`mcp: tools of ${options.url}`);
    await closed;
    return undefined;
  }
  const { role } = options;
  const whose = `agent of ${context.config.operator}`;
  const identity: Identity = { kind: 'token', name: whose, role, sessions: null, id: 0, signIn: null };
  const service = await createService({ context, routes: parts.serviceRoutes });
  // What the agent asks for is done here too: nobody else may be running.
  const workers = roleMay(role, 'research:run') ? await parts.serviceWorkers(context) : null;
  try {
    const server = agentServer(routedTools(service.routes), identity, (request) =>
      service.ask({ identity, address: '127.0.0.1', correlationId: randomUUID() }, request),
    );
    await server.connect(transport);
    context.progress.note(`mcp: an agent may what a ${role} may; end of input stops it`);
    await closed;
    await server.close();
  } finally {
    await service.close();
    await workers?.close();
  }
  return undefined;
}

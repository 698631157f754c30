import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { mayDo, type Identity } from '../../infra/auth/identity.ts';
import { programVersion } from '../../infra/program-version.ts';
import type { RoutedTool } from './agent-tools.ts';
import { requestOf, type ToolRequest } from './tool-request.ts';

/** What the service answered. */
export interface ServiceAnswer {
  readonly status: number;
  readonly text: string;
}

export type AskService = (request: ToolRequest) => Promise<ServiceAnswer>;

/** An answer beyond this fills the memory of whoever asked: about 25,000 words. */
const ANSWER_CHARACTERS_MAX = 100_000;

const INSTRUCTIONS = `Signalbox: trading signals, backtests and paper sessions.
Times are UTC; an open time is the begin of a bar. A run's verdict says whether there is evidence of skill after costs and after all
that was tried: say it with every return, and never call a run good without it. Each backtest that you start counts as
a trial on its data, so think before you try. Nothing here trades real money.`;

/** The tools that `identity` may use, over the service that `ask` reaches as that identity. */
export function agentServer(tools: readonly RoutedTool[], identity: Identity, ask: AskService): Server {
  const usable = tools.filter(({ does }) => does.permission === 'open' || mayDo(identity, does.permission));
  const byName = new Map(usable.map((tool) => [tool.name, tool]));
  const server = new Server(
    { name: 'signalbox', version: programVersion() },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  );
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: usable.map(shown) }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params: { name, arguments: given = {} } }) => {
    const tool = byName.get(name);
    if (tool === undefined) return failure(refusal(tools, identity, name));
    const { schema, parts } = tool.takes;
    const { properties } = schema;
    const other = Object.keys(given).find((key) => !(key in properties));
    if (other !== undefined) return failure(`${name} takes no ${other}: ${Object.keys(properties).join(', ')}.`);
    return result(await ask(requestOf(tool.does, parts, given)));
  });
  return server;
}

function shown({ name, words, does, takes }: RoutedTool): Tool {
  const isRead = does.method === 'GET' || does.isLook === true;
  return {
    name,
    description: words === undefined ? `${does.summary}.` : `${does.summary}. ${words}`,
    inputSchema: takes.schema as unknown as Tool['inputSchema'],
    annotations: { readOnlyHint: isRead, destructiveHint: false, openWorldHint: false },
  };
}

function refusal(tools: readonly RoutedTool[], { role }: Identity, name: string): string {
  const other = tools.find((tool) => tool.name === name);
  if (other === undefined) return `There is no tool ${name}.`;
  return `A ${role} may not use ${name}: it takes ${other.does.permission}.`;
}

type Result = { content: { type: 'text'; text: string }[]; isError?: boolean };

function result({ status, text }: ServiceAnswer): Result {
  if (status >= 400) return failure(problemWords(text));
  if (text.length > ANSWER_CHARACTERS_MAX) {
    return failure(`The answer has ${text.length} characters: ask for less, by limit, or by from and to.`);
  }
  return { content: [{ type: 'text', text }] };
}

/** The words of a problem as the service has it. */
function problemWords(text: string): string {
  try {
    const { detail, remedy, code } = JSON.parse(text) as { detail?: string; remedy?: string; code?: string };
    return [detail ?? text, remedy, code === undefined ? undefined : `(${code})`].filter(Boolean).join(' ');
  } catch {
    return text;
  }
}

function failure(text: string): Result {
  return { content: [{ type: 'text', text }], isError: true };
}

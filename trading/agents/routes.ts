import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { Identity } from '../../infra/auth/identity.ts';
import { route, RouteAnswer, type Route } from '../../infra/http/route.ts';
import { routedTools, type RoutedTool } from './agent-tools.ts';
import type { ServiceAnswer } from './agent-server.ts';
import type { ToolRequest } from './tool-request.ts';

/** Where a request within the service comes from: who makes it, and the request that it is part of. */
interface AskedBy {
  readonly identity: Identity;
  readonly address: string;
  readonly correlationId: string;
}

/** Asks the service itself, as whoever asks it. */
export type AskWithin = (by: AskedBy, request: ToolRequest) => Promise<ServiceAnswer>;

const id = z.union([z.string().max(200), z.int()]);
/** A question where it has an id, else word of something. Nothing is ever asked of an agent, so it answers nothing. */
const asked = z
  .strictObject({
    jsonrpc: z.literal('2.0'),
    id: id.optional(),
    method: z.string().min(1).max(200),
    params: z.looseObject({}).optional(),
  })
  .meta({ id: 'AgentQuestion', examples: [{ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }] });
const answered = z
  .looseObject({ jsonrpc: z.literal('2.0'), id: id.nullable() })
  .meta({ id: 'AgentAnswer', examples: [{ jsonrpc: '2.0', id: 1, result: { tools: [] } }] });

/** What JSON-RPC says of what is no request. */
const NO_REQUEST = { code: -32_600, message: 'The params are none of the Model Context Protocol.' };

/** The Model Context Protocol over HTTP: each message is answered by itself, and nothing is kept between two. */
export function agentRoutes(all: () => readonly Route[], ask: AskWithin): Route[] {
  // They are described once, at the first message: that takes schemas of every route that has a tool.
  let tools: RoutedTool[] | null = null;
  return [
    route({
      method: 'POST',
      path: '/api/v1/mcp',
      permission: 'self',
      summary: 'Tools for agents, as the Model Context Protocol has them: those that whoever asks may use',
      tag: 'agents',
      body: asked,
      answers: { 200: answered, 202: z.null() },
      handle: async ({ body, identity, address, correlationId }) => {
        const [{ JSONRPCMessageSchema }, { agentServer }] = await Promise.all([
          import('@modelcontextprotocol/sdk/types.js'),
          import('./agent-server.ts'),
        ]);
        const parsed = JSONRPCMessageSchema.safeParse(body);
        if (!parsed.success) return { jsonrpc: '2.0', id: body.id ?? null, error: NO_REQUEST };
        const by = { identity: identity!, address, correlationId };
        const server = agentServer((tools ??= routedTools(all())), by.identity, (request) => ask(by, request));
        const exchange = new Exchange();
        try {
          await server.connect(exchange);
          const answer = await exchange.answer(parsed.data);
          return answer === null ? new RouteAnswer(202, null) : answer;
        } finally {
          await server.close();
        }
      },
    }),
  ];
}

/** One message and what is answered to it. */
class Exchange implements Transport {
  onmessage?: (message: JSONRPCMessage) => void;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  #answered: ((answer: JSONRPCMessage) => void) | null = null;

  async start(): Promise<void> {}

  async send(answer: JSONRPCMessage): Promise<void> {
    this.#answered?.(answer);
  }

  async close(): Promise<void> {
    this.onclose?.();
  }

  /** Null for a message that asks nothing. */
  async answer(asked: JSONRPCMessage): Promise<JSONRPCMessage | null> {
    const isQuestion = 'method' in asked && 'id' in asked;
    const answered = new Promise<JSONRPCMessage>((resolve) => (this.#answered = resolve));
    this.onmessage?.(asked);
    return isQuestion ? answered : null;
  }
}

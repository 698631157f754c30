import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { ServiceAddress } from '../../infra/http/service-address.ts';

/** JSON-RPC's code for what the other side could not do. */
const INTERNAL_ERROR = -32_603;
const ANSWER_MS_MAX = 60_000;

/** Hands each message of an agent to a service, and back what that answers. */
export class RemoteTools {
  readonly #agent: Transport;
  readonly #address: ServiceAddress;

  constructor(agent: Transport, address: ServiceAddress) {
    this.#agent = agent;
    this.#address = address;
  }

  async start(): Promise<void> {
    this.#agent.onmessage = (message) => void this.#pass(message);
    await this.#agent.start();
  }

  async #pass(message: JSONRPCMessage): Promise<void> {
    const id = 'id' in message && 'method' in message ? message.id : null;
    try {
      const { url, token } = this.#address;
      const answer = await fetch(new URL('/api/v1/mcp', url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(message),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      });
      const text = await answer.text();
      if (id === null) return;
      if (!answer.ok) throw new Error(`The service answers ${answer.status}: ${wordsOf(text)}`);
      await this.#agent.send(JSON.parse(text) as JSONRPCMessage);
    } catch (error) {
      if (id === null) return;
      const { message: words } = error as Error;
      await this.#agent.send({ jsonrpc: '2.0', id, error: { code: INTERNAL_ERROR, message: words } });
    }
  }
}

function wordsOf(text: string): string {
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text;
  } catch {
    return text.slice(0, 200);
  }
}

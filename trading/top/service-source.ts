import WebSocket from 'ws';
import { z } from 'zod';
import { SignalboxError } from '../../infra/errors.ts';
import { inOrder, keyOfRow, REASON, type TopEars, type TopRow, type TopSource } from './top-source.ts';

/** Between two tries while the service is away. */
const AGAIN_MS = 1_000;
const INTERVAL_MS = 100;
/** An answer that has not come by then does not come. */
const ANSWER_MS_MAX = 10_000;
const NOT_SIGNED_IN = 4401;

const rowSchema = z.record(z.string(), z.unknown());
const messageSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('snapshot'), channel: z.string(), data: z.array(rowSchema) }),
  z.looseObject({
    type: z.literal('update'),
    channel: z.string(),
    data: z.object({ rows: z.array(rowSchema), removed: z.array(z.string()) }),
  }),
  z.looseObject({ type: z.literal('event'), data: z.object({ words: z.string() }) }),
  z.looseObject({ type: z.literal('heartbeat') }),
]);
const problemSchema = z.looseObject({ detail: z.string() });

/** Over a service, with a token: its socket, and its routes. */
export class ServiceSource implements TopSource {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #ears: TopEars;
  readonly #channels = new Map<string, Map<string, TopRow>>();
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  /** @param url of the service, such as `https://box.example` */
  constructor(url: string, token: string, ears: TopEars) {
    this.#url = url.replace(/\/+$/, '');
    this.#headers = { authorization: `Bearer ${token}` };
    this.#ears = ears;
    this.#connect();
  }

  listen(channel: string): void {
    this.#channels.set(channel, new Map());
    this.#say({ type: 'subscribe', channel, intervalMs: INTERVAL_MS });
  }

  leave(channel: string): void {
    this.#channels.delete(channel);
    this.#say({ type: 'unsubscribe', channel });
  }

  async limits(session: string): Promise<Readonly<Record<string, unknown>> | null> {
    const answer = await this.#ask('GET', `/api/v1/risk/thresholds?session=${encodeURIComponent(session)}`);
    return z.looseObject({ limits: rowSchema.nullable() }).parse(answer).limits;
  }

  async stop(session: string): Promise<string> {
    await this.#ask('POST', `/api/v1/sessions/${encodeURIComponent(session)}/stop`);
    return `${session} was asked to stop; positions and orders are kept.`;
  }

  async emergencyStop(session: string): Promise<string> {
    await this.#ask('POST', `/api/v1/sessions/${encodeURIComponent(session)}/emergency-stop`);
    return `${session} was told to stop in an emergency: every order is cancelled, and it only observes.`;
  }

  close(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#socket?.terminate();
    return Promise.resolve();
  }

  #connect(): void {
    const socket = new WebSocket(`${this.#url.replace(/^http/, 'ws')}/api/v1/ws`, { headers: this.#headers });
    this.#socket = socket;
    let why = 'the service is away';
    socket.on('open', () => {
      this.#ears.state('');
      for (const channel of this.#channels.keys()) this.#say({ type: 'subscribe', channel, intervalMs: INTERVAL_MS });
    });
    socket.on('message', (data: Buffer) => this.#take(data.toString()));
    socket.on('unexpected-response', (_request, { statusCode }) => {
      why = statusCode === 401 ? 'the service does not take the token' : `the service answers ${statusCode}`;
      socket.terminate();
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      if (this.#isOver) return;
      this.#ears.state(code === NOT_SIGNED_IN ? 'the token is not good any more' : why);
      this.#timer = setTimeout(() => this.#connect(), AGAIN_MS);
    });
  }

  #say(message: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #take(text: string): void {
    const message = messageSchema.parse(JSON.parse(text));
    if (message.type === 'event') return this.#ears.state(message.data.words);
    if (message.type === 'heartbeat') return;
    const { channel } = message;
    const rows = this.#channels.get(channel);
    if (rows === undefined) return;
    if (message.type === 'snapshot') rows.clear();
    const changes = message.type === 'snapshot' ? { rows: message.data, removed: [] } : message.data;
    for (const key of changes.removed) rows.delete(key);
    for (const row of changes.rows) rows.set(keyOfRow(channel, row), row);
    this.#ears.rows(channel, inOrder(channel, rows.values()));
  }

  /** @throws SignalboxError with the words of the service */
  async #ask(method: string, path: string): Promise<unknown> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    const said = method === 'GET' ? {} : { body: JSON.stringify({ reason: REASON }) };
    const headers = { ...this.#headers, ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) };
    const answer = await fetch(`${this.#url}${path}`, { method, headers, signal, ...said });
    const body: unknown = await answer.json();
    if (answer.ok) return body;
    const problem = problemSchema.safeParse(body);
    throw new SignalboxError(problem.success ? problem.data.detail : `The service answers ${answer.status}.`);
  }
}

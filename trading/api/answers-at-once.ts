import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { FastifyServerFactory } from 'fastify';
import { mayDo } from '../../infra/auth/identity.ts';
import { preciseClock } from '../../infra/clock.ts';
import type { Tracing } from '../../infra/tracing/span.ts';
import { headersOfAnswer } from './admission.ts';
import { isPackedFor, JSON_TYPE, PACKED, READ_AGAIN } from './answering.ts';
import type { Gate } from './gate.ts';
import { isPersonal, keptKey, type KeptAnswer } from './handling.ts';
import type { AnswerText, KeptAnswers } from './kept-answers.ts';
import { correlationOf, type ServiceLog } from './request-scope.ts';
import type { NoteRequest } from './service-metrics.ts';

export interface AtOnceOptions {
  readonly kept: KeptAnswers<KeptAnswer>;
  readonly gate: Gate;
  readonly secure: boolean;
  readonly log: ServiceLog;
  /** Null or absent: requests are not traced. */
  readonly tracing?: Tracing | null;
  /** Null: requests are not measured. */
  readonly note: NoteRequest | null;
}

/**
 * Answers what is kept to programs whose token was looked up a moment ago, before the framework is asked. Whatever has
 * to be looked at, and whoever is refused, goes the whole way: the two differ in their cost alone.
 */
export class AnswersAtOnce {
  readonly #options: AtOnceOptions;
  readonly #heads = new WeakMap<AnswerText, Head>();
  #ended = false;

  constructor(options: AtOnceOptions) {
    this.#options = options;
  }

  /** From now on everything goes the whole way, which tells clients that the service is about to end. */
  end(): void {
    this.#ended = true;
  }

  /** Whether `request` was answered. */
  answers(request: IncomingMessage, response: ServerResponse): boolean {
    const { kept, gate, log, tracing } = this.#options;
    // Spans and lines for each request are made on the whole way.
    const isFollowed = (tracing ?? null) !== null || (log.isLevelEnabled?.('debug') ?? true);
    if (this.#ended || isFollowed || request.method !== 'GET') return false;
    const identity = gate.knownProgram(request);
    const answered = identity === null ? null : kept.now(keptKey(identity, request.url!));
    if (identity === null || answered === null || answered.status !== 200 || answered.answer !== null) return false;
    const { permission } = answered.route;
    if (permission === 'open' || !mayDo(identity, permission) || isPersonal(answered.route)) return false;
    const packed = isPackedFor(request, answered.body) ? answered.body.packedNow : undefined;
    if (packed === null || !gate.hasRoomFor(identity)) return false;
    this.#send(request, response, answered, packed);
    return true;
  }

  #send(request: IncomingMessage, response: ServerResponse, { body, route }: KeptAnswer, packed?: Buffer): void {
    const { url, method, headers } = request;
    const { note } = this.#options;
    const status = headers['if-none-match'] === body.tag ? 304 : 200;
    if (note !== null) {
      const beganMs = preciseClock();
      response.on('finish', () => {
        note({ method: method!, route: route.path, status }, (preciseClock() - beganMs) / 1_000);
      });
    }
    const head = this.#headOf(url!, body);
    const own = ['x-correlation-id', correlationOf(headers['x-correlation-id'])];
    if (status === 304) response.writeHead(status, [...head.always, ...own]).end();
    else if (packed === undefined) response.writeHead(status, [...head.plain, ...own]).end(body.text);
    else response.writeHead(status, [...head.packed, ...own, 'content-length', String(packed.length)]).end(packed);
  }

  /** The headers of an answer, made once for all who are given it. */
  #headOf(url: string, body: AnswerText): Head {
    const known = this.#heads.get(body);
    if (known !== undefined) return known;
    const always = listed({
      ...headersOfAnswer(url, this.#options.secure),
      etag: body.tag,
      'cache-control': READ_AGAIN,
    });
    const typed = [...always, ...listed({ 'content-type': JSON_TYPE })];
    const head = {
      always,
      plain: [...typed, 'content-length', String(Buffer.byteLength(body.text))],
      packed: [...typed, ...listed(PACKED)],
    };
    this.#heads.set(body, head);
    return head;
  }
}

/** Headers as lists of names and values by turns: one costs a microsecond, an object that is put together 4 to 12. */
interface Head {
  /** Those of an answer without its text. */
  readonly always: readonly string[];
  readonly plain: readonly string[];
  /** Without the length. */
  readonly packed: readonly string[];
}

const listed = (headers: Readonly<Record<string, string>>): string[] => Object.entries(headers).flat();

/** A connection on which nothing is asked for so long is closed. */
const IDLE_MS = 72_000;

/** A server that asks `atOnce` before the framework, and gives a request up that is not whole by `requestMsMax`. */
export function serverWith(atOnce: AnswersAtOnce, requestMsMax: number): FastifyServerFactory {
  const limits: ServerOptions = {
    requestTimeout: requestMsMax,
    headersTimeout: requestMsMax,
    connectionsCheckingInterval: Math.min(5_000, requestMsMax / 2),
    keepAliveTimeout: IDLE_MS,
  };
  return (handle) =>
    createServer(limits, (request, response) => {
      if (!atOnce.answers(request, response)) handle(request, response);
    });
}

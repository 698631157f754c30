import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientOf, type Identity } from '../../infra/auth/identity.ts';
import type { CommandContext } from '../../infra/command.ts';
import { hashOf } from '../../infra/hash.ts';
import { giveKeyBack, keepAnswer, takeKey } from '../../infra/http/idempotency-store.ts';
import { HttpProblem, problemOf } from '../../infra/http/problem.ts';
import type { Route } from '../../infra/http/route.ts';
import type { Database } from '../../infra/postgres/database.ts';
import { inScope } from '../../infra/tracing/scope.ts';
import type { Tracing } from '../../infra/tracing/span.ts';
import { scopeOf } from './request-scope.ts';
import { answeredWith, send, type Answered } from './answering.ts';
import { AnswerText, sharedWith, type KeptAnswers } from './kept-answers.ts';

const KEY = /^[\x21-\x7e]{1,200}$/;

/** An answer that is good for a moment, and what it was an answer of. */
export interface KeptAnswer extends Answered {
  readonly route: Pick<Route, 'path' | 'permission' | 'tag'>;
}

export interface HandlingOptions {
  readonly context: CommandContext;
  readonly database: Database;
  readonly signal: AbortSignal;
  /** Cookies are for https alone. */
  readonly secure: boolean;
  /** Of routes with `keptMs`. */
  readonly kept: KeptAnswers<KeptAnswer>;
  /** Null or absent: requests are not traced. */
  readonly tracing?: Tracing | null;
}

/** Does what a route is for, once per idempotency key where there is one. */
export function handlerOf(route: Route, options: HandlingOptions) {
  return (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
    inScope(scopeOf(request), () => answer(route, { request, reply }, options));
}

/** The same question by somebody who sees the same. */
export function keptKey(identity: Identity, url: string): string {
  return sharedWith(identity) + url;
}

async function answer(
  route: Route,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  options: HandlingOptions,
): Promise<FastifyReply> {
  const { keptMs } = route;
  if (keptMs !== undefined) {
    const answered = await options.kept.of(keptKey(request.identity!, request.url), keptMs, async () => ({
      ...(await doneBy(route, request, options)),
      route,
    }));
    return send(reply, answered, sendingOf(route, options));
  }
  const key = request.headers['idempotency-key'];
  if (key === undefined || route.method === 'GET' || route.isLook === true || request.identity === null) {
    return send(reply, await doneBy(route, request, options), sendingOf(route, options));
  }
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw new HttpProblem(400, 'bad-key', 'Idempotency-Key has 1 to 200 visible characters.');
  }
  return doneOnce(route, { request, reply, key, identity: request.identity }, options);
}

function sendingOf(route: Route, { secure }: HandlingOptions): { secure: boolean; personal: boolean } {
  return { secure, personal: isPersonal(route) };
}

/** Whether answers tell of people and of their access. */
export function isPersonal({ tag }: Pick<Route, 'tag'>): boolean {
  return tag === 'users';
}

async function doneOnce(
  route: Route,
  { request, reply, key, identity }: { request: FastifyRequest; reply: FastifyReply; key: string; identity: Identity },
  options: HandlingOptions,
): Promise<FastifyReply> {
  const { pool } = options.database;
  const keyed = { client: clientOf(identity), key };
  const { method, url, body = null } = request;
  const use = await takeKey(pool, keyed, hashOf({ method, url, body }), new Date(options.context.clock()));
  if (use.is === 'other') {
    throw new HttpProblem(422, 'key-of-another', 'That Idempotency-Key was used for another request.', {
      remedy: 'Take a new one.',
    });
  }
  if (use.is === 'under-way' && route.isRepeatable !== true) {
    throw new HttpProblem(409, 'under-way', 'A request with that Idempotency-Key is being done, or was cut short.', {
      remedy: 'Look at what became of it before you ask again by another key.',
    });
  }
  if (use.is === 'done') {
    void reply.header('idempotency-replayed', 'true');
    return send(
      reply,
      { status: use.status, body: new AnswerText(use.answer), answer: null },
      sendingOf(route, options),
    );
  }
  let answered: Answered;
  try {
    answered = await doneBy(route, request, options, hashOf(keyed));
  } catch (error) {
    // What was refused changed nothing: it may be asked again once the reason is gone. What failed half way, as when
    // the database goes away after an order was handed over, may have been done: that key does nothing more.
    if (problemOf(error).status < 500) await giveKeyBack(pool, keyed);
    throw error;
  }
  // A secret that is shown once is stored nowhere: asked again, the key says that it was done.
  if (route.shownOnce !== true) await keepAnswer(pool, keyed, { status: answered.status, answer: answered.body.text });
  return send(reply, answered, sendingOf(route, options));
}

async function doneBy(
  route: Route,
  request: FastifyRequest,
  options: HandlingOptions,
  named: string | null = null,
): Promise<Answered> {
  const { identity } = request;
  const { context, database, signal } = options;
  const operator = identity?.name ?? 'nobody';
  const value = await route.handle({
    params: request.params as never,
    query: request.query as never,
    body: request.body as never,
    identity,
    context: {
      ...context,
      config: { ...context.config, operator },
      signal,
      database: () => Promise.resolve(database),
    },
    correlationId: request.id,
    request: named,
    address: request.ip,
    cookies: request.cookies,
  });
  return answeredWith(value);
}

import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyReply } from 'fastify';
import { maskJson } from '../../infra/logging/mask-secrets.ts';
import { problemBody, PROBLEM_TYPE, type HttpProblem } from '../../infra/http/problem.ts';
import { RouteAnswer } from '../../infra/http/route.ts';
import { AnswerText } from './kept-answers.ts';

/** Shorter answers are not worth the work. */
const GZIP_MIN = 4_096;
export const JSON_TYPE = 'application/json; charset=utf-8';
/** What is read is kept by whoever reads it, and asked for again each time. */
export const READ_AGAIN = 'private, no-cache';
/** Of an answer that is packed. */
export const PACKED = { 'content-encoding': 'gzip', vary: 'accept-encoding' };

/** An answer as it is sent, and kept for whoever asks the same again. */
export interface Answered {
  readonly status: number;
  readonly body: AnswerText;
  readonly answer: RouteAnswer | null;
}

/** What a handler returned, as it is sent. */
export function answeredWith(value: unknown): Answered {
  const answer = value instanceof RouteAnswer ? value : null;
  if (answer !== null && answer.type !== null) {
    return { status: answer.status, body: new AnswerText(String(answer.value)), answer };
  }
  const body = answer === null ? value : answer.value;
  const text = body === undefined ? '' : maskJson(JSON.stringify(body));
  return { status: answer?.status ?? 200, body: new AnswerText(text), answer };
}

/** Sends an answer, at once unless it is packed for the first time; one that a reader has already is not sent again. */
export function send(
  reply: FastifyReply,
  { status, body, answer }: Answered,
  { secure, personal }: { readonly secure: boolean; readonly personal: boolean },
): FastifyReply | Promise<FastifyReply> {
  const { headers = {}, cookies = [] } = answer ?? {};
  for (const [name, value] of Object.entries(headers)) void reply.header(name, value);
  for (const { name, value, path, httpOnly, seconds, sameSite = 'strict' } of cookies) {
    void reply.setCookie(name, value, {
      path,
      httpOnly,
      secure,
      sameSite,
      maxAge: value === '' ? 0 : seconds,
    });
  }
  const { text } = body;
  void reply.header('cache-control', 'no-store');
  if (text === '') return reply.code(status === 200 ? 204 : status).send();
  const isRead = reply.request.method === 'GET' || reply.request.method === 'HEAD';
  // What tells of people and of their access leaves no copy in a browser.
  if (isRead && status === 200 && !personal) {
    const { tag } = body;
    void reply.header('etag', tag).header('cache-control', READ_AGAIN);
    if (reply.request.headers['if-none-match'] === tag) return reply.code(304).send();
  }
  void reply.code(status).type(answer?.type ?? JSON_TYPE);
  if (!isPackedFor(reply.request, body)) return reply.send(text);
  void reply.headers(PACKED);
  return body.packed.then((packed) => reply.send(packed));
}

/** Whether whoever asks takes an answer packed, and it is worth the work. */
export function isPackedFor({ headers }: { readonly headers: IncomingHttpHeaders }, { text }: AnswerText): boolean {
  return text.length >= GZIP_MIN && /\bgzip\b/.test(headers['accept-encoding'] ?? '');
}

/** Sends what went wrong. */
export function sendProblem(reply: FastifyReply, problem: HttpProblem): FastifyReply {
  for (const [name, value] of Object.entries(problem.headers)) void reply.header(name, value);
  const text = maskJson(JSON.stringify(problemBody(problem, reply.request.id)));
  return reply.code(problem.status).header('cache-control', 'no-store').type(PROBLEM_TYPE).send(text);
}

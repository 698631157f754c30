import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { mayDo } from '../../infra/auth/identity.ts';
import type { Permission } from '../../infra/auth/roles.ts';
import type { HttpProblem } from '../../infra/http/problem.ts';
import type { Gate } from './gate.ts';

/** The headers that every answer has, whatever it says. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Answers to programs are no pages, whatever is made of them. */
const PROGRAM_HEADERS: Readonly<Record<string, string>> = {
  ...HEADERS,
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
/** What is open whether or not it is a route of ours. */
const OPEN = /^\/(?!api\/v1(\/|$))/;

export interface AdmissionOptions {
  readonly gate: Gate;
  /** Browsers come by https alone from here on. */
  readonly secure: boolean;
  readonly notFound: (request: FastifyRequest) => HttpProblem;
}

/** The headers that an answer to `url` has, whatever it says. @param secure browsers come by https alone */
export function headersOfAnswer(url: string, secure: boolean): Readonly<Record<string, string>> {
  const headers = url.startsWith('/api/v1/') ? PROGRAM_HEADERS : HEADERS;
  return secure ? { ...headers, 'strict-transport-security': 'max-age=31536000' } : headers;
}

/** Heads an answer to what is no request. */
export function headAnswer(reply: FastifyReply): void {
  void reply.headers(HEADERS);
}

/**
 * Heads every answer, and asks the gate before anything else is done. Whoever was let in a moment ago is let in without
 * waiting: each promise on the way of an answer from memory costs about as much as the answer.
 */
export function admitRequests(app: FastifyInstance, options: AdmissionOptions): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.headers(headersOfAnswer(request.url, options.secure));
    void reply.header('x-correlation-id', request.id);
    let waiting: Promise<void> | null;
    try {
      waiting = admitted(request, options);
    } catch (error) {
      return done(error as Error);
    }
    if (waiting === null) done();
    else waiting.then(() => done(), done);
  });
}

/** Null where the request is let in at once. @throws HttpProblem, or rejects by one, where it is not */
function admitted(request: FastifyRequest, options: AdmissionOptions): Promise<void> | null {
  const { gate, notFound } = options;
  gate.requireOwnName(request);
  const permission = request.routeOptions.config.permission ?? (OPEN.test(request.url) ? 'open' : 'self');
  const isOpen = permission === 'open';
  if (!isOpen || request.url.startsWith('/api/v1/')) {
    const known = gate.identifyKnown(request);
    if (known === null) return lookedUp(request, permission, options);
    request.identity = known;
    if (!isOpen && !mayDo(known, permission)) return gate.requirePermission(request, known, permission);
  }
  // Before anything is said of a body or a method that nobody takes.
  if (request.is404) throw notFound(request);
  return null;
}

/** The same where the token has to be looked up. */
async function lookedUp(
  request: FastifyRequest,
  permission: Permission | 'open',
  { gate, notFound }: AdmissionOptions,
): Promise<void> {
  request.identity = await gate.identify(request);
  if (permission !== 'open') await gate.requirePermission(request, request.identity, permission);
  if (request.is404) throw notFound(request);
}

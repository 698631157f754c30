import cookie from '@fastify/cookie';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Identity } from '../../infra/auth/identity.ts';
import type { Permission } from '../../infra/auth/roles.ts';
import { HttpProblem, problemOf, PROBLEMS } from '../../infra/http/problem.ts';
import type { Route } from '../../infra/http/route.ts';
import type { Metrics } from '../../infra/metrics/metrics.ts';
import { admitRequests, headAnswer } from './admission.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { sendProblem } from './answering.ts';
import { AnswersAtOnce, serverWith } from './answers-at-once.ts';
import { answerClientError } from './client-errors.ts';
import { documentRoutes } from './documentation.ts';
import type { Gate } from './gate.ts';
import { serveSocket, SOCKET_PATH } from './live/socket.ts';
import { correlationOf, followRequests, type ServiceLog } from './request-scope.ts';
import { measureRequests, requestNotes } from './service-metrics.ts';
import { handlerOf, type HandlingOptions } from './handling.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once the gate has looked. */
    identity: Identity | null;
  }
  interface FastifyContextConfig {
    /** What a route takes; `open` needs no token. */
    permission?: Permission | 'open';
  }
}

const BODY_BYTES_MAX = 1_048_576;
/** A request that has not come whole by then is not waited for. */
const REQUEST_MS_MAX = 30_000;
/** Nothing that is asked for is deeper; what is looked through part by part would run out of stack on more. */
const DEPTH_MAX = 40;

export interface ApplicationOptions extends HandlingOptions {
  readonly routes: readonly Route[];
  readonly gate: Gate;
  readonly log: ServiceLog;
  readonly requestMsMax?: number;
  /** Absent: requests are not measured. */
  readonly metrics?: Metrics | undefined;
  /** Addresses in X-Forwarded-For are believed: a proxy of ours is before us. */
  readonly behindProxy?: boolean;
}

/** The HTTP application: every route with its permission, problems as RFC 9457 has them. It does not listen yet. */
export async function createApplication(options: ApplicationOptions): Promise<FastifyInstance> {
  const { gate, routes, log, metrics, requestMsMax = REQUEST_MS_MAX } = options;
  const note = metrics === undefined ? null : requestNotes(metrics);
  const atOnce = new AnswersAtOnce({ ...options, note });
  const app = Fastify({
    serverFactory: serverWith(atOnce, requestMsMax),
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    trustProxy: options.behindProxy ?? false,
    genReqId: ({ headers }) => correlationOf(headers['x-correlation-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 300 },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, _request, reply) => {
      headAnswer(reply);
      sendProblem(reply, problemFor(error));
    },
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('identity', null);
  app.addHook('onRoute', (added) => {
    // The pages that show the document bring routes of their own.
    if (added.url.startsWith('/api/docs')) added.config = { ...added.config, permission: 'open' };
    if (added.config?.permission === undefined) throw new Error(`The route ${added.url} has no permission.`);
  });
  await app.register(cookie);
  const methods = new AllowedMethods([...routes, { method: 'GET', path: SOCKET_PATH }]);
  const notFound = ({ method, url }: FastifyRequest): HttpProblem => {
    const path = url.split('?')[0]!;
    const detail = `There is no ${method} ${path}.`;
    const allow = methods.at(path);
    return allow === undefined
      ? new HttpProblem(404, 'no-such-route', detail, { remedy: 'See /api/docs.' })
      : new HttpProblem(405, 'no-such-method', detail, { headers: { allow } });
  };
  app.addHook('preValidation', ({ body }, _reply, done) => {
    done(body === undefined || isShallow(body) ? undefined : tooDeep());
  });
  admitRequests(app, { gate, secure: options.secure, notFound });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFor(error, request.routeOptions.bodyLimit);
    if (problem.status >= 500) log.error({ correlationId: request.id, err: error, path: request.url.split('?')[0] });
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, notFound(request)));
  followRequests(app, options);
  if (metrics !== undefined && note !== null) measureRequests(app, metrics, note);
  await documentRoutes(app);
  const endSocket = await serveSocket(app, { context: options.context, gate, log });
  app.addHook('preClose', (done) => {
    atOnce.end();
    done();
  });
  app.addHook('onClose', endSocket);
  for (const route of routes) addRoute(app, route, options);
  return app;
}

function addRoute(app: FastifyInstance, route: Route, options: HandlingOptions): void {
  const { method, path, permission, summary, tag, params, query, body, bodyLimit } = route;
  app.route({
    method,
    url: path,
    config: { permission },
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
    schema: {
      summary,
      tags: [tag],
      ...(permission === 'open' ? { security: [] } : { description: `Takes the permission ${permission}.` }),
      ...(params === undefined ? {} : { params }),
      querystring: query ?? NO_QUERY,
      ...(body === undefined ? {} : { body }),
      response: { ...answersOf(route), ...PROBLEMS },
    } as object,
    handler: handlerOf(route, options) as (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>,
  });
}

const NO_QUERY = z.strictObject({});

/** What is answered by status, with its content type where that is not JSON. */
function answersOf({ answers, answerType, summary }: Route): Readonly<Record<number, unknown>> {
  if (answerType === undefined) return answers;
  const typed = (schema: z.ZodType) => ({ description: summary, content: { [answerType]: { schema } } });
  return Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, typed(schema)]));
}

/** Whether a body has no more brackets in one another than anything that is asked for. */
function isShallow(body: unknown): boolean {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return false;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return true;
}

function tooDeep(): HttpProblem {
  return new HttpProblem(400, 'too-deep', `A body is at most ${DEPTH_MAX} levels deep here.`);
}

/** An error of the framework, of a check or of a handler as a problem. */
function problemFor(error: unknown, bytesMax = BODY_BYTES_MAX): HttpProblem {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validationContext ?? 'request';
    const faults = error.validation.map(({ instancePath, message = 'is wrong' }) => ({
      path: `${where}${instancePath.replaceAll('/', '.')}`,
      message,
    }));
    const words = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
    return new HttpProblem(400, 'bad-request', words, { faults });
  }
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message: string };
  if (code === undefined || !code.startsWith('FST_')) return problemOf(error);
  if (statusCode === 413) {
    return new HttpProblem(413, 'too-large', `A body has at most ${bytesMax} bytes here.`);
  }
  if (statusCode === 415)
    return new HttpProblem(415, 'no-json', 'A body is JSON: send Content-Type: application/json.');
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new HttpProblem(400, 'bad-json', 'The body is no JSON, or has a key `__proto__`, which nothing here takes.');
  }
  if (statusCode !== undefined && statusCode < 500) return new HttpProblem(statusCode, 'bad-request', message);
  return problemOf(error);
}

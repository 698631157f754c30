import type { FastifyRequest } from 'fastify';
import { appendAudit } from '../../infra/audit/audit-store.ts';
import type { Identifies } from '../../infra/auth/lent-tokens.ts';
import { actorOf, clientOf, mayDo, type Identity } from '../../infra/auth/identity.ts';
import type { Permission } from '../../infra/auth/roles.ts';
import { isSameText } from '../../infra/auth/secrets.ts';
import { csrfOf } from '../../infra/auth/sign-in.ts';
import type { Clock } from '../../infra/clock.ts';
import type { OwnNames } from '../../infra/http/own-names.ts';
import { HttpProblem } from '../../infra/http/problem.ts';
import type { RequestRates } from '../../infra/http/request-rates.ts';
import type { Database } from '../../infra/postgres/database.ts';

/** Name of the cookie with a browser's short token. */
const TOKEN_COOKIE = 'signalbox_token';
const CSRF_HEADER = 'x-csrf-token';

/** The same refusal of the same client is put on record once in so long. */
const NOTED_MS = 60_000;
const NOTED_MAX = 10_000;

export interface GateOptions {
  readonly database: Pick<Database, 'pool'>;
  readonly authenticator: Identifies;
  readonly secret: Uint8Array;
  readonly names: OwnNames;
  readonly rates: RequestRates;
  readonly clock: Clock;
}

/** Lets a request through, or says why not: name and origin, who asks, how often, and whether they may. */
export class Gate {
  readonly #options: GateOptions;
  readonly #noted = new Map<string, number>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @throws HttpProblem for another name than ours (rebinding), and for a page of another origin */
  requireOwnName({ headers }: FastifyRequest): void {
    const { names } = this.#options;
    if (!names.isOwnHost(headers.host)) {
      throw new HttpProblem(421, 'other-name', 'This service has another name.', {
        remedy: 'Open the address that it printed, or start it with --allow-host NAME.',
      });
    }
    const { origin } = headers;
    if (origin !== undefined && !names.isOwnOrigin(origin, headers.host)) {
      throw new HttpProblem(403, 'foreign-origin', 'Pages of other origins may not ask.');
    }
  }

  /** Who asks, where their token was looked up a moment ago; null where it has to be. @throws HttpProblem likewise */
  identifyKnown(request: FastifyRequest): Identity | null {
    const bearer = bearerOf(request);
    const token = bearer ?? request.cookies[TOKEN_COOKIE];
    const known = token === undefined ? null : this.#options.authenticator.known(token);
    if (known !== null) this.#requireAdmissible(request, known, bearer);
    return known;
  }

  /**
   * Who asks as a program by a token that was looked up a moment ago, from nowhere foreign; null where more has to be
   * looked at. It is not counted yet: see `hasRoomFor`.
   */
  knownProgram(request: Pick<FastifyRequest, 'headers'>): Identity | null {
    const { names, authenticator } = this.#options;
    const bearer = bearerOf(request);
    const { origin, host } = request.headers;
    if (bearer === undefined || origin !== undefined || !names.isOwnHost(host)) return null;
    return authenticator.known(bearer);
  }

  /** Counts a request; false where that is one too many in this second. */
  hasRoomFor(identity: Identity): boolean {
    return this.#waitMs(clientOf(identity)) === 0;
  }

  /** Who asks; null for nobody. @throws HttpProblem for a token that is not good, and for too many requests */
  async identify(request: FastifyRequest): Promise<Identity | null> {
    const bearer = bearerOf(request);
    const token = bearer ?? request.cookies[TOKEN_COOKIE];
    const identity = token === undefined ? null : await this.#options.authenticator.identify(token);
    if (identity !== null) {
      this.#requireAdmissible(request, identity, bearer);
      return identity;
    }
    this.#limit(`address ${request.ip}`);
    if (bearer !== undefined || request.headers.authorization !== undefined) throw notSignedIn();
    return null;
  }

  /** @throws HttpProblem where somebody asks too often, or another page than ours in their name */
  #requireAdmissible(request: FastifyRequest, identity: Identity, bearer: string | undefined): void {
    this.#limit(clientOf(identity));
    if (bearer === undefined) this.#requireOwnPage(request, identity);
  }

  /** Who asked, as it is now: null where the token is not good any more. */
  async again(request: FastifyRequest): Promise<Identity | null> {
    const token = tokenOf(request);
    return token === undefined ? null : this.#options.authenticator.identify(token);
  }

  /** @throws HttpProblem where nobody is signed in, or may not */
  async requirePermission(request: FastifyRequest, identity: Identity | null, permission: Permission): Promise<void> {
    if (identity === null) throw notSignedIn();
    if (mayDo(identity, permission)) return;
    if (identity.mustEnrol === true) {
      throw new HttpProblem(403, 'second-factor', `A ${identity.role} needs a second factor here.`, {
        remedy: 'Set one up: POST /api/v1/me/second-factor, or your profile in the console.',
      });
    }
    await this.#note(request, identity, permission);
    throw new HttpProblem(403, 'not-allowed', `A ${identity.role} may not do that: it takes ${permission}.`);
  }

  #limit(client: string): void {
    const waitMs = this.#waitMs(client);
    if (waitMs === 0) return;
    const headers = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
    throw new HttpProblem(429, 'too-many-requests', 'Too many requests: 100 a second are answered.', { headers });
  }

  #waitMs(client: string): number {
    return this.#options.rates.take(client, this.#options.clock());
  }

  /** A cookie goes along with every request: only our own page can say the word beside it. */
  #requireOwnPage({ method, headers }: FastifyRequest, { signIn }: Identity): void {
    if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return;
    const said = headers[CSRF_HEADER];
    if (typeof said === 'string' && isSameText(said, csrfOf(this.#options.secret, signIn!))) return;
    throw new HttpProblem(403, 'csrf', `The header ${CSRF_HEADER} is missing or wrong.`, {
      remedy: 'Send the value of the cookie signalbox_csrf in it.',
    });
  }

  async #note(request: FastifyRequest, identity: Identity, permission: Permission): Promise<void> {
    const { method, url, routeOptions } = request;
    const key = `${clientOf(identity)} ${method} ${routeOptions.url ?? url}`;
    const nowMs = this.#options.clock();
    if (nowMs - (this.#noted.get(key) ?? -Infinity) < NOTED_MS) return;
    if (this.#noted.size >= NOTED_MAX) this.#noted.clear();
    this.#noted.set(key, nowMs);
    const details = { method, path: url.split('?')[0]!, permission, address: request.ip, correlationId: request.id };
    const note = { actor: actorOf(identity), action: 'api-refused', sessionId: null, reason: '', details };
    await appendAudit(this.#options.database.pool, [note]);
  }
}

function bearerOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
}

function tokenOf(request: FastifyRequest): string | undefined {
  return bearerOf(request) ?? request.cookies[TOKEN_COOKIE];
}

function notSignedIn(): HttpProblem {
  return new HttpProblem(401, 'not-signed-in', 'No token, or one that is not good any more.', {
    headers: { 'www-authenticate': 'Bearer' },
    remedy: 'Send one as a bearer in the header Authorization; signalbox tokens create makes one.',
  });
}

import type * as oidc from 'openid-client';
import type { ProviderSettings } from '../auth-settings.ts';
import type { Clock } from '../../clock.ts';
import type { Database } from '../../postgres/database.ts';
import { claimsOf, signClaims } from '../short-token.ts';
import type { User } from '../user-store.ts';
import { userOfClaims, type ProviderRefusal } from './provider-user.ts';

/** Below the public address: what the provider has to be told. */
const CALLBACK_PATH = '/api/v1/auth/provider/callback';
const AUDIENCE = 'signalbox-provider';
/** How long somebody may take at the provider. */
export const BEGUN_SECONDS = 10 * 60;
const ANSWER_SECONDS_MAX = 10;

interface ProviderOptions {
  readonly database: Pick<Database, 'pool' | 'transaction'>;
  readonly secret: Uint8Array;
  readonly clock: Clock;
}

/** Sign-ins by OpenID Connect: authorization code with PKCE, state and nonce. */
export class IdentityProvider {
  readonly #settings: ProviderSettings;
  readonly #options: ProviderOptions;
  #found: Promise<oidc.Configuration> | null = null;

  constructor(settings: ProviderSettings, options: ProviderOptions) {
    this.#settings = settings;
    this.#options = options;
  }

  get label(): string {
    return this.#settings.label;
  }

  /** Where the browser is sent, and what it keeps meanwhile; `away` where the provider does not answer. */
  async begin(): Promise<{ readonly address: string; readonly kept: string } | 'away'> {
    const { randomPKCECodeVerifier, calculatePKCECodeChallenge, randomState, randomNonce, buildAuthorizationUrl } =
      await library();
    const found = await this.#discovered();
    if (found === null) return 'away';
    const { secret, clock } = this.#options;
    const begun = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const address = buildAuthorizationUrl(found, {
      redirect_uri: this.#settings.publicUrl + CALLBACK_PATH,
      scope: this.#settings.scopes.join(' '),
      code_challenge: await calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      state: begun.state,
      nonce: begun.nonce,
    });
    const kept = await signClaims(secret, begun, { audience: AUDIENCE, seconds: BEGUN_SECONDS, nowMs: clock() });
    return { address: address.href, kept };
  }

  /** Who comes back from the provider. @param kept what `begin` gave that browser to keep */
  async finish(query: Readonly<Record<string, string>>, kept: string): Promise<User | ProviderRefusal> {
    const { secret, clock, database } = this.#options;
    const needed = ['exp', 'state', 'nonce', 'verifier'];
    const begun = await claimsOf(secret, kept, { audience: AUDIENCE, needed, nowMs: clock() });
    if (begun === null) return { is: 'stale', why: 'the browser has begun no such sign-in' };
    const found = await this.#discovered();
    if (found === null) return { is: 'away', why: 'the provider does not answer' };
    let claims: Readonly<Record<string, unknown>>;
    try {
      claims = await this.#claims(found, query, begun);
    } catch (error) {
      if (isNoAnswer(error)) return { is: 'away', why: (error as Error).message };
      return { is: 'refused', why: (error as Error).message };
    }
    return database.transaction((client) => userOfClaims(client, claims, this.#settings));
  }

  async #claims(
    found: oidc.Configuration,
    query: Readonly<Record<string, string>>,
    { state, nonce, verifier }: Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { authorizationCodeGrant, fetchUserInfo } = await library();
    const current = new URL(this.#settings.publicUrl + CALLBACK_PATH);
    current.search = new URLSearchParams(query).toString();
    const tokens = await authorizationCodeGrant(found, current, {
      pkceCodeVerifier: String(verifier),
      expectedState: String(state),
      expectedNonce: String(nonce),
      idTokenExpected: true,
    });
    const said = tokens.claims()!;
    const { nameClaim, roleClaim, roles } = this.#settings;
    const isWhole = nameClaim in said && (roles.length === 0 || roleClaim in said);
    if (isWhole || found.serverMetadata().userinfo_endpoint === undefined) return said;
    // What the token leaves out the provider is asked for; what the token says wins.
    return { ...(await fetchUserInfo(found, tokens.access_token, said.sub)), ...said };
  }

  async #discovered(): Promise<oidc.Configuration | null> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const { discovery, allowInsecureRequests } = await library();
    // The settings allow http on loopback alone.
    const execute = issuer.startsWith('http://') ? [allowInsecureRequests] : [];
    this.#found ??= discovery(new URL(issuer), clientId, clientSecret, undefined, {
      execute,
      timeout: ANSWER_SECONDS_MAX,
    });
    try {
      return await this.#found;
    } catch {
      // Looked for again by whoever comes next.
      this.#found = null;
      return null;
    }
  }
}

/** Loaded by whoever is sent to a provider, and by nobody else. */
function library(): Promise<typeof oidc> {
  return import('openid-client');
}

function isNoAnswer(error: unknown): boolean {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  return code === 'OAUTH_TIMEOUT' || /^E[A-Z]+$/.test(cause?.code ?? '');
}

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

const SCOPES = 'openid profile email';

/** What the provider says of somebody. */
export type Person = Readonly<Record<string, unknown>>;

/** A real provider of identities on loopback, where whoever comes is who the test says. */
export class IdentityProviderUnderTest {
  readonly issuer: string;
  readonly people = new Map<string, Person>();
  /** Subject of whoever signs in next. */
  now = '';
  readonly #server: Server;
  readonly #provider: Provider;

  private constructor(server: Server, callback: string) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#provider = new Provider(this.issuer, {
      clients: [{ client_id: 'signalbox', client_secret: 'a secret of the test', redirect_uris: [callback] }],
      claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email', 'email_verified'] },
      findAccount: (_context: unknown, id: string) => ({
        accountId: id,
        claims: () => Promise.resolve({ sub: id, ...this.people.get(id) }),
      }),
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      pkce: { required: () => true },
      cookies: { keys: ['of the test'] },
      ttl: { Session: 60, Interaction: 60, Grant: 60, AccessToken: 60, IdToken: 60 },
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#answer(request, response));
  }

  /** @param callback where clients are sent back to */
  static async start(callback: string): Promise<IdentityProviderUnderTest> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProviderUnderTest(server, callback);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith('/interaction/') !== true) return this.#provider.callback()(request, response);
    const { params } = await this.#provider.interactionDetails(request, response);
    const grant = new this.#provider.Grant({ accountId: this.now, clientId: params.client_id });
    grant.addOIDCScope(SCOPES);
    const result = { login: { accountId: this.now }, consent: { grantId: await grant.save() } };
    return this.#provider.interactionFinished(request, response, result);
  }
}

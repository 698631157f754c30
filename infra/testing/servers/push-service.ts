import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A message as the browser opens it, and what the push service was told of it. */
export interface Pushed {
  readonly path: string;
  readonly ttl: number;
  readonly urgency: string | undefined;
  readonly topic: string | undefined;
  /** Claims of the signed token. */
  readonly claims: { readonly aud: string; readonly sub: string; readonly exp: number };
  readonly shown: Readonly<Record<string, unknown>>;
}

/**
 * A push service with one browser behind it: it takes what is signed with the key that the browser subscribed with
 * (RFC 8292), and opens what is sealed for the browser (RFC 8291). Anything else it refuses.
 */
export class PushService {
  readonly #server: Server;
  readonly #browser: ECDH = createECDH('prime256v1');
  readonly #auth = randomBytes(16);
  readonly origin: string;
  readonly taken: Pushed[] = [];
  /** The status that it refuses with; null: it takes what it is given. */
  refuses: number | null = null;
  /** The public key that the browser subscribed with, in base64url. */
  subscribedWith = '';

  private constructor(server: Server) {
    this.#server = server;
    this.#browser.generateKeys();
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<PushService> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const service = new PushService(server);
    server.on('request', (request, response) => {
      void service.#take(request).then((status) => response.writeHead(status).end());
    });
    return service;
  }

  /** What the browser says of itself to whoever is to tell it. */
  subscription(path = '/push/of-a-browser'): { endpoint: string; p256dh: string; auth: string } {
    const p256dh = this.#browser.getPublicKey('base64url');
    return { endpoint: this.origin + path, p256dh, auth: this.#auth.toString('base64url') };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #take(request: IncomingMessage): Promise<number> {
    const body = await buffer(request);
    if (this.refuses !== null) return this.refuses;
    const { authorization = '', ttl, urgency, topic, 'content-encoding': encoding } = request.headers;
    const claims = this.#claimsOf(authorization);
    if (claims === null) return 403;
    if (encoding !== 'aes128gcm' || ttl === undefined) return 400;
    const shown = JSON.parse(this.#open(body)) as Pushed['shown'];
    const told = { urgency: urgency as string | undefined, topic: topic as string | undefined };
    this.taken.push({ path: request.url ?? '', ttl: Number(ttl), ...told, claims, shown });
    return 201;
  }

  /** Null where the token is not signed with the key that the browser subscribed with, or is for somebody else. */
  #claimsOf(authorization: string): Pushed['claims'] | null {
    const [, token = '', key = ''] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization) ?? [];
    const [head = '', body = '', signature = ''] = token.split('.');
    if (key !== this.subscribedWith) return null;
    const point = Buffer.from(key, 'base64url');
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
    const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' });
    const signed = Buffer.from(`${head}.${body}`);
    const how = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
    if (!verify('sha256', signed, how, Buffer.from(signature, 'base64url'))) return null;
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Pushed['claims'];
    return claims.aud === this.origin ? claims : null;
  }

  /** One record of `aes128gcm` (RFC 8188): salt, size of records, the sender's key, and what is sealed. */
  #open(sealed: Buffer): string {
    const salt = sealed.subarray(0, 16);
    const keyLength = sealed[20]!;
    const sender = sealed.subarray(21, 21 + keyLength);
    const text = sealed.subarray(21 + keyLength);
    const own = this.#browser.getPublicKey();
    const about = Buffer.concat([Buffer.from('WebPush: info\0'), own, sender]);
    const secret = Buffer.from(hkdfSync('sha256', this.#browser.computeSecret(sender), this.#auth, about, 32));
    const derive = (words: string, length: number): Buffer =>
      Buffer.from(hkdfSync('sha256', secret, salt, Buffer.from(`Content-Encoding: ${words}\0`), length));
    const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
    decipher.setAuthTag(text.subarray(-16));
    const opened = Buffer.concat([decipher.update(text.subarray(0, -16)), decipher.final()]);
    // A byte 2 ends the last record; zeros may follow it.
    return opened.subarray(0, opened.lastIndexOf(2)).toString('utf8');
  }
}

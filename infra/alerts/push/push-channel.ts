import { createHash } from 'node:crypto';
import type { PushKeys } from '../alert-settings.ts';
import { alertText } from '../alert-text.ts';
import type { AlertChannel, AlertMessage } from '../alert.ts';
import { postMessage, PostRefused } from '../channels/post-message.ts';
import type { PushAddress } from './push-store.ts';

/** How long a push service keeps a message for a browser that is away. */
const KEPT_SECONDS = 86_400;
/** A push service takes 4,096 bytes at least, of which encryption needs 103. */
const BODY_BYTES_MAX = 2_000;
/** A subscription that is no more. */
const GONE: readonly (number | null)[] = [404, 410];

export interface PushChannelOptions {
  readonly id: number;
  readonly address: PushAddress;
  readonly keys: PushKeys;
  /** The push service says that this browser is no more. */
  readonly onGone: () => Promise<void>;
}

/**
 * Tells one browser by web push (RFC 8030, 8291, 8292): the message is sealed for the browser, and signed with our key.
 * A later message of the same alert takes the place of one that the browser has not fetched.
 */
export class PushChannel implements AlertChannel {
  readonly name: string;
  readonly #options: PushChannelOptions;

  constructor(options: PushChannelOptions) {
    this.name = `push:${options.id}`;
    this.#options = options;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    const { address, keys, onGone } = this.#options;
    const { endpoint, p256dh, auth } = address;
    const { default: webPush } = await import('web-push');
    const request = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, shown(message), {
      TTL: KEPT_SECONDS,
      urgency: message.severity === 'critical' && message.state === 'raised' ? 'high' : 'normal',
      topic: createHash('sha256').update(message.key).digest('base64url').slice(0, 32),
      vapidDetails: { subject: keys.subject, publicKey: keys.publicKey, privateKey: keys.privateKey },
    });
    try {
      await postMessage(endpoint, request.body, { signal, headers: plainHeaders(request.headers) });
    } catch (error) {
      if (!(error instanceof PostRefused) || !GONE.includes(error.status)) throw error;
      await onGone();
    }
  }
}

/** What the service worker of the console shows. */
function shown(message: AlertMessage): string {
  const { subject, body } = alertText(message, null);
  const bytes = Buffer.from(body, 'utf8');
  const text = bytes.length <= BODY_BYTES_MAX ? body : bytes.subarray(0, BODY_BYTES_MAX).toString('utf8');
  const { id, key, severity, state } = message;
  return JSON.stringify({ id, key, severity, state, title: subject, body: text });
}

/** The length is counted where it is sent. */
function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name === 'Content-Length' ? [] : [[name, String(value)]])),
  );
}

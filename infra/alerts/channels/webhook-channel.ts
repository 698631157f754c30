import type { AlertChannel, AlertMessage } from '../alert.ts';
import { postMessage } from './post-message.ts';

/**
 * Posts each message as JSON to an address of the operator's. Any answer from 200 to 299 takes it. Its
 * `Idempotency-Key` is the same where a message is sent again, because its answer was lost.
 */
export class WebhookChannel implements AlertChannel {
  readonly name = 'webhook';
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    await postMessage(this.#url, message, { signal, headers: { 'Idempotency-Key': message.id } });
  }
}

import axios, { isAxiosError } from 'axios';
import type { AlertChannel, AlertMessage } from './alert.ts';

const ANSWER_MAX_BYTES = 64 * 1024;

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
    try {
      await axios.post(this.#url, message, {
        signal,
        headers: { 'Idempotency-Key': message.id },
        // A redirect would hand on to another server what the address is to keep.
        maxRedirects: 0,
        maxContentLength: ANSWER_MAX_BYTES,
        responseType: 'text',
      });
    } catch (error) {
      // What the library's error holds besides, the address among it, goes nowhere.
      throw new Error(wordsOf(error, signal));
    }
  }
}

function wordsOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time';
  if (!isAxiosError(error)) return 'the request failed';
  return error.response === undefined ? `no answer (${error.code ?? 'unknown'})` : `HTTP ${error.response.status}`;
}

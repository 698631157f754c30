import { createTransport } from 'nodemailer';
import type { AlertChannel, AlertMessage } from '../alert.ts';
import { alertText } from '../alert-text.ts';

/** The server that mail is handed to, who is written to, and as whom. */
export interface Mailbox {
  /** `smtp://user:password@host:port`, or `smtps://`. */
  readonly smtp: string;
  readonly to: readonly string[];
  readonly from: string;
}

const WAIT_MS = 10_000;

/** Sends mail. Its `Message-ID` is the same where a message is sent again, so that a mailbox can tell. */
export class EmailChannel implements AlertChannel {
  readonly name = 'email';
  readonly #mailbox: Mailbox;
  readonly #template: string | null;

  constructor(mailbox: Mailbox, template: string | null = null) {
    this.#mailbox = mailbox;
    this.#template = template;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    const { smtp, to, from } = this.#mailbox;
    const { subject, body } = alertText(message, this.#template);
    const waits = { connectionTimeout: WAIT_MS, greetingTimeout: WAIT_MS, socketTimeout: WAIT_MS };
    const transport = createTransport({ url: smtp, ...waits });
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true });
    });
    aborted.catch(() => undefined);
    try {
      const sending = transport.sendMail({
        from,
        to: [...to],
        subject,
        text: body,
        messageId: `<alert-${message.id}@signalbox>`,
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Signalbox-Key': message.key },
      });
      sending.catch(() => undefined);
      await Promise.race([sending, aborted]);
    } catch (error) {
      throw new Error(wordsOf(error as Error & { readonly code?: string; readonly response?: string }));
    } finally {
      transport.close();
    }
  }
}

/** Without the address, in which a password stands. */
function wordsOf({ message, code, response }: Error & { readonly code?: string; readonly response?: string }): string {
  if (response !== undefined) return `the mail server said ${response.slice(0, 200)}`;
  return code === undefined ? message : `no answer of the mail server (${code})`;
}

import type { AlertChannel, AlertMessage } from '../alert.ts';
import { alertText } from '../alert-text.ts';
import { postMessage } from './post-message.ts';

/** What a message of Telegram may hold, in characters. */
const TEXT_MAX = 4_096;

/** Writes to a chat as a bot of Telegram. */
export class TelegramChannel implements AlertChannel {
  readonly name = 'telegram';
  readonly #url: string;
  readonly #chat: string;
  readonly #template: string | null;

  constructor(bot: { readonly url: string; readonly token: string; readonly chat: string }, template: string | null) {
    this.#url = `${bot.url.replace(/\/$/, '')}/bot${bot.token}/sendMessage`;
    this.#chat = bot.chat;
    this.#template = template;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    const { subject, body } = alertText(message, this.#template);
    // Plain text: no word of ours is markup. What is over, or only for information, makes no sound.
    const silent = message.state === 'resolved' || message.severity === 'info';
    const text = `${subject}\n\n${body}`.slice(0, TEXT_MAX);
    const document = { chat_id: this.#chat, text, disable_notification: silent };
    const answer = await postMessage(this.#url, document, { signal });
    if (!isOk(answer)) throw new Error('Telegram did not say ok');
  }
}

function isOk(answer: string): boolean {
  try {
    return (JSON.parse(answer) as { ok?: unknown } | null)?.ok === true;
  } catch {
    return false;
  }
}

import type { AlertChannel, AlertMessage } from '../alert.ts';
import { alertText } from '../alert-text.ts';
import { postMessage } from './post-message.ts';

/** The side of a message in Slack, by how severe it is. */
const COLOURS = { info: '#3b82f6', warning: '#f59e0b', critical: '#dc2626' } as const;
const OVER = '#16a34a';

/** Posts to an incoming webhook of Slack, which says `ok` to what it takes. */
export class SlackChannel implements AlertChannel {
  readonly name = 'slack';
  readonly #url: string;
  readonly #template: string | null;

  constructor(url: string, template: string | null = null) {
    this.#url = url;
    this.#template = template;
  }

  async send(message: AlertMessage, signal: AbortSignal): Promise<void> {
    const { subject, body } = alertText(message, this.#template);
    const color = message.state === 'resolved' ? OVER : COLOURS[message.severity];
    // The text is what a notification shows. Words of ours are no markup, and mention nobody.
    const document = { text: escaped(subject), attachments: [{ color, text: `\`\`\`${escaped(body)}\`\`\`` }] };
    const answer = await postMessage(this.#url, document, { signal });
    if (answer.trim() !== 'ok') throw new Error(`Slack did not say ok: ${answer.slice(0, 100)}`);
  }
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

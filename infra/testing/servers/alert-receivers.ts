import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { findFreePort } from '../../postgres/embedded/free-port.ts';
import type { AlertMessage } from '../../alerts/alert.ts';

/** A receiver that can go away and come back at its address. */
export interface AlertReceiver {
  readonly name: 'email' | 'slack' | 'webhook';
  /** Texts of what it has taken, in order. */
  readonly taken: string[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A server of mail, a stand-in of Slack and one of a webhook, and the environment that names them. */
export interface AlertReceivers {
  readonly all: readonly AlertReceiver[];
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the three; none of them runs yet. */
export async function alertReceivers(): Promise<AlertReceivers> {
  const [smtp, slack, webhook] = [await findFreePort(), await findFreePort(), await findFreePort()];
  return {
    all: [mailServer(smtp), httpServer('slack', slack), httpServer('webhook', webhook)],
    env: {
      SIGNALBOX_LOG: 'silent',
      SIGNALBOX_ALERT_SMTP: `smtp://127.0.0.1:${smtp}`,
      SIGNALBOX_ALERT_EMAIL_TO: 'ops@example.test',
      SIGNALBOX_ALERT_SLACK: `http://127.0.0.1:${slack}/services/T000/B000/a-secret`,
      SIGNALBOX_ALERT_WEBHOOK: `http://127.0.0.1:${webhook}/hooks/of-an-operator`,
    },
  };
}

function mailServer(port: number): AlertReceiver {
  const taken: string[] = [];
  let server: SMTPServer | null = null;
  return {
    name: 'email',
    taken,
    start: async () => {
      server = new SMTPServer({
        disabledCommands: ['STARTTLS', 'AUTH'],
        onData: (stream, _session, done) => {
          simpleParser(stream)
            .then((mail) => void taken.push(mail.text ?? ''))
            .then(() => done(), done);
        },
      });
      server.on('error', () => undefined);
      server.listen(port, '127.0.0.1');
      await once(server.server, 'listening');
    },
    stop: async () => {
      await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
    },
  };
}

/** It ends in order: what it has taken, it has answered. */
function httpServer(name: 'slack' | 'webhook', port: number): AlertReceiver {
  const taken: string[] = [];
  let server: Server | null = null;
  return {
    name,
    taken,
    start: async () => {
      server = createServer((request, response) => {
        void text(request).then((body) => {
          taken.push(name === 'slack' ? slackText(body) : webhookText(body));
          response.writeHead(200, { connection: 'close' }).end('ok');
        });
      });
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    stop: async () => {
      if (server === null) return;
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

const slackText = (body: string): string =>
  (JSON.parse(body) as { attachments: { text: string }[] }).attachments.map((one) => one.text).join('\n');

function webhookText(body: string): string {
  const { type, state, words, together } = JSON.parse(body) as AlertMessage;
  const lines = together === undefined ? [words] : together.alerts.map((one) => one.words);
  return lines.map((line) => `#${type} ${state}# ${line}`).join('\n');
}

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { loadConfig, maskSecrets } from '../config.ts';
import { commandContext } from '../testing/command-context.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import type { Alert } from './alert.ts';
import { acknowledgeCommand, listCommand, silenceCommand, testCommand } from './alert-actions.ts';
import { escalateAlerts, raiseAlert, resolveAlert } from './alert-store.ts';
import { channelsFor, configuredChannels } from './configured-channels.ts';
import { deliverDueAlerts } from './deliver-alerts.ts';

/** A real server of mail, and one that answers as Slack and Telegram do. */
let database: TestDatabase;
let smtp: SMTPServer;
let smtpPort = 0;
let http: Server;
let mails: ParsedMail[] = [];
let posts: { path: string; body: Record<string, unknown> }[] = [];
let isMailDown = false;
let httpAnswer: [number, string] | null = null;
let env: NodeJS.ProcessEnv;

const SLACK_PATH = '/services/T000/B000/a-secret-of-slack';
const TOKEN = '12345:a-secret-of-telegram';

beforeAll(async () => {
  database = await createTestDatabase();
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: (auth, _session, done) =>
      auth.password === 'a-secret-of-mail' ? done(null, { user: auth.username }) : done(new Error('535 no')),
    onMailFrom: (_address, _session, done) => (isMailDown ? done(new Error('try later')) : done()),
    onData: (stream, _session, done) => {
      simpleParser(stream)
        .then((mail) => void mails.push(mail))
        .then(() => done(), done);
    },
  });
  smtp.listen(0, '127.0.0.1');
  await once(smtp.server, 'listening');
  smtpPort = (smtp.server.address() as AddressInfo).port;
  http = createServer((request, response) => {
    void text(request).then((body) => {
      const path = request.url ?? '';
      if (httpAnswer !== null) return response.writeHead(httpAnswer[0]).end(httpAnswer[1]);
      const document = JSON.parse(body) as Record<string, unknown>;
      posts.push({ path, body: document });
      if (path !== SLACK_PATH) return response.end('{"ok":true,"result":{}}');
      const isEmpty = document['text'] === undefined;
      return response.writeHead(isEmpty ? 400 : 200).end(isEmpty ? 'no_text' : 'ok');
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  env = {
    SIGNALBOX_LOG: 'silent',
    SIGNALBOX_ALERT_SLACK: url + SLACK_PATH,
    SIGNALBOX_ALERT_SMTP: `smtp://ops:a-secret-of-mail@127.0.0.1:${smtpPort}`,
    SIGNALBOX_ALERT_EMAIL_TO: 'ops@example.test, night@example.test',
    SIGNALBOX_ALERT_EMAIL_FROM: 'signalbox@example.test',
    SIGNALBOX_ALERT_TELEGRAM_TOKEN: TOKEN,
    SIGNALBOX_ALERT_TELEGRAM_CHAT: '-100200',
    SIGNALBOX_ALERT_TELEGRAM_URL: url,
    SIGNALBOX_OPERATOR: 'ann',
  };
});
afterEach(async () => {
  [mails, posts, isMailDown, httpAnswer] = [[], [], false, null];
  await database.pool.query('TRUNCATE alerts CASCADE');
  await database.pool.query('TRUNCATE alert_silences');
});
afterAll(async () => {
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
  http.closeAllConnections();
  http.close();
  await database.drop();
});

const context = (more: NodeJS.ProcessEnv = {}, clock = systemClock) =>
  commandContext({ env: { ...env, ...more }, clock, database: () => Promise.resolve(database) });
const channels = (more: NodeJS.ProcessEnv = {}) => configuredChannels(loadConfig({ ...env, ...more }));
const names = ['log', 'slack', 'email', 'telegram'];
const alert = (more: Partial<Alert> = {}): Alert => ({
  key: 's1/breaker-open',
  type: 'breaker-open',
  severity: 'critical',
  sessionId: 's1',
  words: 'the breaker of <requests> is open\r\nBcc: all@example.test',
  details: { breaker: 'requests' },
  ...more,
});
const raise = (more: Partial<Alert> = {}, atMs = systemClock()) =>
  raiseAlert(database.pool, alert(more), { atMs, channels: names });
const deliver = (nowMs = systemClock()) =>
  deliverDueAlerts({
    pool: database.pool,
    channels: channels(),
    clock: () => nowMs,
    signal: new AbortController().signal,
    note: () => undefined,
  });

describe('an alert on its way to people', () => {
  it('reaches a mailbox, Slack and Telegram once each, in words that are no markup and no header', async () => {
    await raise();
    await deliver();
    await resolveAlert(database.pool, 's1/breaker-open', { atMs: systemClock(), channels: names, why: 'it is over' });
    await deliver();
    await deliver();
    const subject = '[critical] breaker-open (s1): the breaker of <requests> is open Bcc: all@example.test';
    expect(mails.map((mail) => mail.subject)).toEqual([subject, '[resolved] breaker-open (s1): it is over']);
    const [mail] = mails;
    expect([mail!.from!.text, mail!.to, mail!.bcc]).toMatchObject([
      'signalbox@example.test',
      { text: 'ops@example.test, night@example.test' },
      undefined,
    ]);
    expect(mail!.text).toContain('breaker   requests');
    expect(mail!.messageId).toMatch(/^<alert-\d+@signalbox>$/);
    const slack = posts.filter(({ path }) => path === SLACK_PATH);
    expect(slack).toHaveLength(2);
    expect(slack[0]!.body['text']).toContain('the breaker of &lt;requests&gt; is open');
    const telegram = posts.filter(({ path }) => path === `/bot${TOKEN}/sendMessage`);
    expect(telegram.map(({ body }) => [body['chat_id'], body['disable_notification']])).toEqual([
      ['-100200', false],
      ['-100200', true],
    ]);
  });

  it('waits for a channel that is dead, which delays no other, and is delivered there once when it is back', async () => {
    isMailDown = true;
    await raise();
    await deliver();
    expect([mails.length, posts.length]).toEqual([0, 2]);
    const { value } = await listCommand(context(), { limit: '5' });
    expect(value).toMatchObject({
      alerts: [{ waiting: { email: 1 }, answer: expect.stringMatching(/mail server said/) as string }],
    });
    isMailDown = false;
    await deliver(systemClock() + 2_000);
    await deliver(systemClock() + 120_000);
    expect([mails.length, posts.length]).toEqual([1, 2]);
  });

  it('is not told where it is less severe than the channel wants, and its end is told to those who know of it', async () => {
    const { alerts } = loadConfig({ ...env, SIGNALBOX_ALERT_LEAST: 'slack=warning,telegram=critical' });
    const wrong = () => loadConfig({ SIGNALBOX_ALERT_LEAST: 'pager=warning' });
    expect(wrong).toThrow(/SIGNALBOX_ALERT_LEAST: must be pairs such as slack=warning,email=critical/);
    expect(channelsFor(names, 'info', alerts)).toEqual(['log', 'email']);
    expect(channelsFor(names, 'warning', alerts)).toEqual(['log', 'slack', 'email']);
    await raiseAlert(database.pool, alert({ severity: 'warning' }), {
      atMs: systemClock(),
      channels: channelsFor(names, 'warning', alerts),
    });
    await resolveAlert(database.pool, alert().key, { atMs: systemClock(), channels: names, why: 'it is over' });
    await deliver();
    await deliver();
    expect(posts.map(({ path }) => path)).toEqual([SLACK_PATH, SLACK_PATH]);
    expect(mails).toHaveLength(2);
  });

  it('has the words of a template', async () => {
    const [, slack] = channels({ SIGNALBOX_ALERT_TEMPLATE: '{{ severity }} at {{session}}: {{words}}' });
    const message = { id: '1', state: 'raised', ...alert({ words: 'no feed' }), session: 's1', details: {} } as const;
    await slack!.send({ ...message, raisedAt: '', resolvedAt: null }, AbortSignal.timeout(5_000));
    expect(posts[0]!.body).toMatchObject({ attachments: [{ text: '```critical at s1: no feed```' }] });
    expect(() => channels({ SIGNALBOX_ALERT_TEMPLATE: '{{severty}}' })).toThrow(
      /names severty; there are \{\{severity/,
    );
  });
});

describe('people and alerts', () => {
  it('are asked for by a test message, which says what a channel answered, and shows no secret', async () => {
    const well = await testCommand(context(), 'all');
    expect([well.exitCode, mails.length, posts.length]).toEqual([0, 1, 2]);
    httpAnswer = [404, 'no_service for a-secret-of-slack'];
    const ill = await testCommand(context(), 'slack');
    expect([ill.exitCode, ill.text()]).toEqual([1, 'slack: HTTP 404: no_service for a-secret-of-slack']);
    const wrong = await testCommand(
      context({ SIGNALBOX_ALERT_SMTP: `smtp://ops:wrong-one@127.0.0.1:${smtpPort}` }),
      'email',
    );
    expect(wrong.text()).toMatch(/^email: the mail server said/);
    await expect(testCommand(context(), 'pager')).rejects.toThrow('No channel "pager" is configured');
    expect(maskSecrets(`${TOKEN} ${SLACK_PATH} a-secret-of-mail`)).toBe('*** *** ***');
  });

  it('are told again, once, of what is critical and nobody acknowledged', async () => {
    await raise({}, 0);
    await raise({ key: 'seen', words: 'seen' }, 0);
    await raise({ key: 'mild', severity: 'warning' }, 0);
    const { value } = await listCommand(context(), { limit: '5' });
    const { id } = (value as { alerts: { id: number; key: string }[] }).alerts.find(({ key }) => key === 'seen')!;
    await acknowledgeCommand(context(), String(id));
    const escalate = (atMs: number) => escalateAlerts(database.pool, { atMs, afterMs: 900_000, channels: names });
    expect([await escalate(899_999), await escalate(900_000), await escalate(900_001)]).toEqual([0, 1, 0]);
    await deliver(900_001);
    await deliver(900_002);
    expect(mails.filter((mail) => mail.subject!.includes('nobody has acknowledged this: the breaker'))).toHaveLength(1);
    const { rows } = await database.pool.query("SELECT actor, action FROM audit_entries WHERE action LIKE 'alert-%'");
    expect(rows).toContainEqual({ actor: 'ann', action: 'alert-acknowledged' });
    await expect(acknowledgeCommand(context(), '999999')).rejects.toThrow('No alert 999999 is open.');
  });

  it('can keep a type of a session silent for a while: it is recorded, and told when the silence is over', async () => {
    const nowMs = systemClock();
    const at = (ms: number) => context({}, () => nowMs + ms);
    const asked = { for: '2h', reason: 'maintenance' };
    await silenceCommand(at(0), { ...asked, type: 'breaker-open', session: 's1' });
    await raise({}, nowMs + 1);
    await raise({ key: 's2/breaker-open', sessionId: 's2' }, nowMs + 1);
    expect(await escalateAlerts(database.pool, { atMs: nowMs + 3_600_000, afterMs: 1, channels: names })).toBe(1);
    await deliver(nowMs + 3_600_000);
    await deliver(nowMs + 3_600_000);
    expect(mails.filter((mail) => mail.subject!.includes('(s1)'))).toEqual([]);
    expect(mails.filter((mail) => mail.subject!.includes('(s2)'))).toHaveLength(2);
    const listed = await listCommand(at(0), { limit: '5', session: 's1' });
    expect(listed.value).toMatchObject({ alerts: [{ waiting: {} }] });
    const { value } = await silenceCommand(at(0), { for: '1h', reason: '' });
    const [silence] = (value as { silences: { id: number }[] }).silences;
    await silenceCommand(at(2), { for: '1h', reason: 'done', end: String(silence!.id) });
    await resolveAlert(database.pool, 's1/breaker-open', { atMs: nowMs + 3, channels: names, why: 'over' });
    await raise({}, nowMs + 4);
    await deliver(nowMs + 3_600_001);
    expect(mails.filter((mail) => mail.subject!.includes('(s1)'))).toHaveLength(1);
    await expect(silenceCommand(at(0), { for: '99d', reason: 'x', type: 'y' })).rejects.toThrow('--for 99d');
    await expect(silenceCommand(at(0), { for: '1h', reason: ' ', type: 'y' })).rejects.toThrow('needs a reason');
  });
});

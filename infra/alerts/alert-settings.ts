import { z } from 'zod';
import { wordsBetween } from '../files/words-between.ts';

/** Where alerts go besides the log. `null`: not configured. */
export interface AlertSettings {
  /** SIGNALBOX_ALERT_SLACK: address of an incoming webhook of Slack. All of it is a secret. */
  readonly slack: string | null;
  /** SIGNALBOX_ALERT_SMTP with SIGNALBOX_ALERT_EMAIL_TO and _FROM: the mail server, who is written to, and as whom. */
  readonly email: { readonly smtp: string; readonly to: readonly string[]; readonly from: string } | null;
  /** SIGNALBOX_ALERT_TELEGRAM_TOKEN of a bot, and SIGNALBOX_ALERT_TELEGRAM_CHAT that it writes to. */
  readonly telegram: { readonly token: string; readonly chat: string; readonly url: string } | null;
  /** SIGNALBOX_ALERT_LEAST: `slack=warning,email=critical`: what is less severe is not told there. */
  readonly least: Readonly<Partial<Record<string, AlertLevel>>>;
  /** SIGNALBOX_ALERT_TEMPLATE: what people are told, with `{{severity}}` and the like. */
  readonly template: string | null;
  /** SIGNALBOX_ALERT_ESCALATE_MINUTES: a critical alert that nobody acknowledged is told again after so long. */
  readonly escalateMinutes: number;
  /** SIGNALBOX_ALERT_GROUP_SECONDS: those of a type that come so soon after one go together. */
  readonly groupSeconds: number;
  /** SIGNALBOX_ALERT_PUSH_PUBLIC, _PRIVATE and _SUBJECT: the keys of web push, and whom push services may write to. */
  readonly push: PushKeys | null;
  /** SIGNALBOX_ALERT_PUSH_SERVICES: push services that browsers may name, `https://HOST` or `https://*.DOMAIN`. */
  readonly pushServices: readonly string[];
}

/** Those of Chromium, Firefox, Edge and Safari. */
const PUSH_SERVICES = [
  'https://fcm.googleapis.com',
  'https://*.push.services.mozilla.com',
  'https://*.notify.windows.com',
  'https://*.push.apple.com',
] as const;

/** What a push service knows us by (VAPID). Keys are base64url; the subject is `mailto:` or `https:`. */
export interface PushKeys {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly subject: string;
}

export const LEVELS = ['info', 'warning', 'critical'] as const;
type AlertLevel = (typeof LEVELS)[number];

/** Names of the channels that may be told. */
export const CHANNEL_NAMES = ['log', 'webhook', 'slack', 'email', 'telegram'] as const;
/** What a template may name. */
const TEMPLATE_WORDS = ['severity', 'state', 'type', 'session', 'words', 'key', 'raisedAt', 'details'] as const;

const LEAST_WORDS = `must be pairs such as slack=warning,email=critical: a channel (${CHANNEL_NAMES.join(', ')}) and info, warning or critical`;

const urlOf = (schemes: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.replace(':', '')), {
    error: `must be a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
  });
const mailbox = z.string().regex(/^[^\s@<>,]+@[^\s@<>,]+$/, 'must be an address such as ops@example.com');

/** Keys of `--config FILE` and of the environment. */
export const alertFields = {
  alertEmailTo: z.array(mailbox).min(1),
  alertEmailFrom: mailbox,
  alertTelegramUrl: urlOf(['http', 'https']),
  alertLeast: z.partialRecord(z.enum(CHANNEL_NAMES), z.enum(LEVELS), {
    error: () => LEAST_WORDS,
  }),
  alertTemplate: z
    .string()
    .min(1)
    .max(2_000)
    .refine((text) => strangersOf(text).length === 0, {
      error: (issue) =>
        `names ${strangersOf(String(issue.input)).join(', ')}; there are ${TEMPLATE_WORDS.map((word) => `{{${word}}}`).join(', ')}`,
    }),
  alertEscalateMinutes: z.int().min(1).max(10_080),
  alertGroupSeconds: z.number().min(0).max(3_600),
  alertPushServices: z
    .array(z.string().regex(/^https?:\/\/(\*\.)?[\w.-]+(:\d+)?$/, 'must be https://HOST or https://*.DOMAIN'))
    .min(1),
  alertPushPublic: z.string().regex(/^[\w-]{87}$/, 'must be a key that `alerts push-keys` made'),
  alertPushSubject: z
    .string()
    .regex(/^(mailto:[^\s@]+@[^\s@]+|https:\/\/\S+)$/, 'must be mailto:ADDRESS or https://...'),
};

/** Secrets: in the environment only. Whoever has the address of a webhook can post to it. */
export const alertSecretFields = {
  alertSlack: urlOf(['http', 'https']),
  alertSmtp: urlOf(['smtp', 'smtps']),
  alertTelegramToken: z.string().min(8),
  alertTelegramChat: z.string().min(1),
  alertPushPrivate: z.string().regex(/^[\w-]{43}$/, 'must be a key that `alerts push-keys` made'),
};

function strangersOf(template: string): string[] {
  return [...template.matchAll(/\{\{\s*([^{}]*?)\s*\}\}/g)]
    .map(([, name]) => name!)
    .filter((name) => !(TEMPLATE_WORDS as readonly string[]).includes(name));
}

const list = (text: string): string[] => wordsBetween(text, ',');
const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(list(text).map((part) => part.split('=').map((word) => word.trim()) as [string, string]));

/** Which variable sets which field. */
export const ALERT_VARIABLES = [
  { name: 'SIGNALBOX_ALERT_SLACK', field: 'alertSlack' },
  { name: 'SIGNALBOX_ALERT_SMTP', field: 'alertSmtp' },
  { name: 'SIGNALBOX_ALERT_EMAIL_TO', field: 'alertEmailTo', parse: list },
  { name: 'SIGNALBOX_ALERT_EMAIL_FROM', field: 'alertEmailFrom' },
  { name: 'SIGNALBOX_ALERT_TELEGRAM_TOKEN', field: 'alertTelegramToken' },
  { name: 'SIGNALBOX_ALERT_TELEGRAM_CHAT', field: 'alertTelegramChat' },
  { name: 'SIGNALBOX_ALERT_TELEGRAM_URL', field: 'alertTelegramUrl' },
  { name: 'SIGNALBOX_ALERT_LEAST', field: 'alertLeast', parse: pairs },
  { name: 'SIGNALBOX_ALERT_TEMPLATE', field: 'alertTemplate' },
  { name: 'SIGNALBOX_ALERT_ESCALATE_MINUTES', field: 'alertEscalateMinutes', parse: Number },
  { name: 'SIGNALBOX_ALERT_GROUP_SECONDS', field: 'alertGroupSeconds', parse: Number },
  { name: 'SIGNALBOX_ALERT_PUSH_PUBLIC', field: 'alertPushPublic' },
  { name: 'SIGNALBOX_ALERT_PUSH_PRIVATE', field: 'alertPushPrivate' },
  { name: 'SIGNALBOX_ALERT_PUSH_SUBJECT', field: 'alertPushSubject' },
  { name: 'SIGNALBOX_ALERT_PUSH_SERVICES', field: 'alertPushServices', parse: list },
] as const;

type Values = Partial<z.infer<z.ZodObject<typeof alertFields>> & z.infer<z.ZodObject<typeof alertSecretFields>>>;

/** What is read as a secret, to be masked. */
export function alertSecrets(settings: Values): (string | undefined)[] {
  const { alertSlack, alertSmtp, alertTelegramToken, alertPushPrivate } = settings;
  return [alertSlack, alertSmtp, alertTelegramToken, alertPushPrivate];
}

/** @param fault makes the error for what is set in part */
export function alertSettings(settings: Values, fault: (message: string, remedy: string) => Error): AlertSettings {
  const { alertSmtp, alertEmailTo, alertEmailFrom, alertTelegramToken, alertTelegramChat } = settings;
  if ((alertSmtp === undefined) !== (alertEmailTo === undefined))
    throw fault('Of mail, one of SIGNALBOX_ALERT_SMTP and SIGNALBOX_ALERT_EMAIL_TO is set.', 'Set both, or neither.');
  if ((alertTelegramToken === undefined) !== (alertTelegramChat === undefined))
    throw fault(
      'Of Telegram, one of SIGNALBOX_ALERT_TELEGRAM_TOKEN and SIGNALBOX_ALERT_TELEGRAM_CHAT is set.',
      'Set both, or neither.',
    );
  const url = settings.alertTelegramUrl ?? 'https://api.telegram.org';
  return {
    slack: settings.alertSlack ?? null,
    email:
      alertSmtp === undefined
        ? null
        : { smtp: alertSmtp, to: alertEmailTo!, from: alertEmailFrom ?? alertEmailTo![0]! },
    telegram: alertTelegramToken === undefined ? null : { token: alertTelegramToken, chat: alertTelegramChat!, url },
    least: settings.alertLeast ?? {},
    template: settings.alertTemplate ?? null,
    escalateMinutes: settings.alertEscalateMinutes ?? 15,
    groupSeconds: settings.alertGroupSeconds ?? 5,
    push: pushKeys(settings, fault),
    pushServices: settings.alertPushServices ?? PUSH_SERVICES,
  };
}

function pushKeys(settings: Values, fault: (message: string, remedy: string) => Error): PushKeys | null {
  const { alertPushPublic: publicKey, alertPushPrivate: privateKey, alertPushSubject: subject } = settings;
  if (publicKey === undefined && privateKey === undefined) return null;
  if (publicKey !== undefined && privateKey !== undefined && subject !== undefined)
    return { publicKey, privateKey, subject };
  throw fault(
    'Of web push, SIGNALBOX_ALERT_PUSH_PUBLIC, _PRIVATE and _SUBJECT are set in part.',
    'Set all three: signalbox alerts push-keys makes the keys.',
  );
}

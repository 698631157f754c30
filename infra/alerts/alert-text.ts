import type { AlertMessage } from './alert.ts';

/** A message as people read it: one line, and what there is to know besides. */
export interface AlertText {
  readonly subject: string;
  readonly body: string;
}

const DETAILS_MAX = 1_000;

/** @param template what the body is made of; null: the usual one */
export function alertText(message: AlertMessage, template: string | null): AlertText {
  const { severity, state, type, session, words, raisedAt, resolvedAt, together } = message;
  const whose = session === null ? '' : ` (${session})`;
  const head = state === 'resolved' ? 'resolved' : severity;
  const subject = oneLine(`[${head}] ${type}${whose}: ${words}`);
  if (template !== null) return { subject, body: filled(template, message) };
  const lines = [
    ...(together === undefined ? [words] : listOf(together)),
    '',
    `severity  ${severity}`,
    `type      ${type}`,
    ...(session === null ? [] : [`session   ${session}`]),
    `raised    ${raisedAt}`,
    ...(resolvedAt === null ? [] : [`resolved  ${resolvedAt}`]),
    ...Object.entries(message.details).map(([key, value]) => `${key.padEnd(9)} ${plain(value)}`),
  ];
  return { subject, body: lines.join('\n') };
}

/** Several alerts, a line each. */
function listOf({ count, alerts }: NonNullable<AlertMessage['together']>): string[] {
  const lines = alerts.map(({ severity, session, words }) =>
    oneLine(`- ${severity}${session === null ? '' : ` (${session})`}: ${words}`),
  );
  return [...lines, ...(count > alerts.length ? [`and ${count - alerts.length} more`] : [])];
}

function filled(template: string, message: AlertMessage): string {
  const values: Readonly<Record<string, string>> = {
    severity: message.severity,
    state: message.state,
    type: message.type,
    session: message.session ?? '',
    words: message.words,
    key: message.key,
    raisedAt: message.raisedAt,
    details: plain(message.details),
  };
  return template.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => values[name] ?? '');
}

function plain(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, DETAILS_MAX);
}

/** A subject of a mail ends where a line does: what follows would be a header. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200);

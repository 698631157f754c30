import type { AlertMessage, AlertSeverity, GroupedAlert } from './alert.ts';
import type { ClaimedMember } from './alert-store.ts';

/** What is sent at once, and the deliveries that it stands for. */
export interface OutgoingMessage {
  readonly ids: readonly number[];
  readonly message: AlertMessage;
  /** Tries so far, with this one. */
  readonly attempts: number;
}

const SEVERITIES: readonly AlertSeverity[] = ['info', 'warning', 'critical'];
/** Alerts that a message lists; of further ones it says how many there are. */
const LISTED_MAX = 50;

/** The messages that claimed deliveries go as: those that were claimed to go together are one. */
export function groupMessages(claimed: readonly ClaimedMember[]): OutgoingMessage[] {
  const groups = new Map<number, ClaimedMember[]>();
  for (const one of claimed) groups.set(one.sentAs, [...(groups.get(one.sentAs) ?? []), one]);
  return [...groups.values()].map((members) => ({
    ids: members.map(({ id }) => id),
    message: members.length === 1 ? members[0]!.message : together(members.map(({ message }) => message)),
    attempts: Math.max(...members.map(({ attempts }) => attempts)),
  }));
}

function together(messages: readonly AlertMessage[]): AlertMessage {
  const [first] = messages as readonly [AlertMessage, ...AlertMessage[]];
  const last = messages.at(-1)!;
  const alerts = messages.slice(0, LISTED_MAX).map(({ key, severity, session, words, raisedAt }): GroupedAlert => {
    return { key, severity, session, words, raisedAt };
  });
  return {
    ...first,
    severity: SEVERITIES[Math.max(...messages.map(({ severity }) => SEVERITIES.indexOf(severity)))]!,
    session: messages.every(({ session }) => session === first.session) ? first.session : null,
    words: `${messages.length} of them: ${first.words}`,
    resolvedAt: last.resolvedAt,
    together: { count: messages.length, alerts },
  };
}

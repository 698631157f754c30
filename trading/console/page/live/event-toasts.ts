import type { notifications } from '@mantine/notifications';
import { systemClock } from '../../../../infra/clock.ts';
import type { LiveMessage } from './live-socket.ts';

/** What happened, as the service tells it. */
export interface LiveEvent {
  readonly id: string;
  readonly kind: 'fill' | 'refusal' | 'stop' | 'alert';
  readonly session: string | null;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly words: string;
}

/** Where toasts are shown. */
type Shown = Pick<typeof notifications, 'show' | 'update'>;

/** What comes within that time is added to the toast that is there. */
const TOGETHER_MS = 5_000;
const COLOURS = { info: 'teal', warning: 'yellow', critical: 'red' } as const;
/** What there is no word for here is told elsewhere: alerts by the bell, as whoever is signed in has chosen. */
const NAMES: Readonly<Partial<Record<LiveEvent['kind'], readonly [string, string]>>> = {
  fill: ['fill', 'fills'],
  refusal: ['refusal', 'refusals'],
  stop: ['change of state', 'changes of state'],
};

/** Shows events without floods: of a kind and session one toast at a time, with how many there were. */
export class EventToasts {
  readonly #shown: Shown;
  readonly #clock: () => number;
  readonly #open = new Map<string, { count: number; lastMs: number }>();

  constructor(shown: Shown, clock: () => number = systemClock) {
    this.#shown = shown;
    this.#clock = clock;
  }

  take(events: readonly LiveEvent[]): void {
    const groups = new Map<string, LiveEvent[]>();
    for (const event of events) {
      const { kind, session, severity } = event;
      if (NAMES[kind] === undefined) continue;
      const name = `${kind} ${severity === 'critical' ? 'critical ' : ''}${session ?? ''}`;
      groups.set(name, [...(groups.get(name) ?? []), event]);
    }
    for (const [name, group] of groups) this.#show(name, group);
  }

  #show(name: string, group: readonly LiveEvent[]): void {
    const nowMs = this.#clock();
    const before = this.#open.get(name);
    const goesOn = before !== undefined && nowMs - before.lastMs < TOGETHER_MS;
    const count = (goesOn ? before.count : 0) + group.length;
    this.#open.set(name, { count, lastMs: nowMs });
    const { kind, session, severity, words } = group[0]!;
    const [one, many] = NAMES[kind]!;
    const of = session === null ? '' : ` of ${session}`;
    const toast = {
      id: name,
      title: count === 1 ? `${one[0]!.toUpperCase()}${one.slice(1)}${of}` : `${count} ${many}${of}`,
      message: count === 1 ? words : `The last: ${words}`,
      color: COLOURS[severity],
      autoClose: severity === 'critical' ? (false as const) : TOGETHER_MS,
    };
    if (goesOn) this.#shown.update(toast);
    else this.#shown.show(toast);
  }
}

/**
 * Shows what a message tells of. What the service says of the socket itself, such as of a channel that there is not, is
 * none.
 * @param seesAll stops of the session that is looked at are told with those of all
 */
export function showEvents(toasts: EventToasts, { channel, data }: LiveMessage, seesAll: boolean): void {
  if (!Array.isArray(data)) return;
  const events = data as readonly LiveEvent[];
  const isTwice = seesAll && channel !== 'events';
  toasts.take(isTwice ? events.filter(({ kind }) => kind !== 'stop') : events);
}

import type { TopRow, TopSource } from './top-source.ts';

export const PANELS = ['sessions', 'positions', 'orders', 'signals', 'alerts', 'risk'] as const;
export type Panel = (typeof PANELS)[number];

/** What is shown is drawn anew this often at most, however much of it changes. */
const DRAW_MS = 100;

/** What is asked before a session is stopped. */
type Question = 'stop' | 'emergency-stop';

/** Everything that is shown, as it is now. */
export interface TopState {
  readonly rows: Readonly<Record<string, readonly TopRow[]>>;
  readonly limits: Readonly<Record<string, unknown>> | null;
  /** The session that is looked at; null where there is none. */
  readonly session: string | null;
  readonly panel: Panel;
  /** First row that is shown of each panel but sessions. */
  readonly from: Readonly<Partial<Record<Panel, number>>>;
  readonly filter: string;
  readonly typing: boolean;
  readonly question: Question | null;
  /** What came of the last thing that was done. */
  readonly said: string;
  /** Why nothing changes; empty where all is well. */
  readonly trouble: string;
}

/** Channels of the session that is looked at. */
const OF_SESSION = ['positions', 'orders', 'signals', 'account'] as const;

/** Keeps what a source tells, and what its reader has chosen, and says when to draw. */
export class TopModel {
  #state: TopState;
  #source: TopSource | null = null;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  /** The session was named: another one is not looked at by itself. */
  readonly #isNamed: boolean;

  constructor(session: string | undefined) {
    this.#isNamed = session !== undefined;
    this.#state = {
      rows: {},
      limits: null,
      session: session ?? null,
      panel: session === undefined ? 'sessions' : 'positions',
      from: {},
      filter: '',
      typing: false,
      question: null,
      said: '',
      trouble: 'connecting',
    };
  }

  /** Bound: views subscribe with them. */
  readonly state = (): TopState => this.#state;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  begin(source: TopSource): void {
    this.#source = source;
    for (const channel of ['sessions', 'alerts']) source.listen(channel);
    if (this.#state.session !== null) this.#listen(this.#state.session);
  }

  /** Bound: what a source tells. */
  readonly hear = (channel: string, rows: readonly TopRow[]): void => {
    const [word] = channel.split(':') as [string];
    // What is late of a session that is not looked at any more.
    if (channel !== word && channel !== `${word}:${this.#state.session}`) return;
    this.#set({ rows: { ...this.#state.rows, [word]: rows }, trouble: '' });
    if (word === 'sessions' && this.#state.session === null && !this.#isNamed) {
      const first = rows.find((row) => row['state'] === 'running') ?? rows[0];
      if (first !== undefined) this.look(String(first['session']));
    }
    if (word === 'sessions') this.#readLimits();
  };

  readonly trouble = (words: string): void => this.#set({ trouble: words });

  /** Looks at a session. */
  look(session: string): void {
    const before = this.#state.session;
    if (before === session) return;
    if (before !== null) for (const word of OF_SESSION) this.#source?.leave(`${word}:${before}`);
    const { sessions = [], alerts = [] } = this.#state.rows;
    this.#set({ session, rows: { sessions, alerts }, limits: null, from: {} });
    this.#listen(session);
  }

  /** The session `by` rows below in the list, or the rows of the panel moved on. */
  move(by: number): void {
    const { panel, from, rows, session } = this.#state;
    if (panel !== 'sessions') {
      const most = Math.max(0, this.shown(panel).length - 1);
      return this.#set({ from: { ...from, [panel]: Math.min(most, Math.max(0, (from[panel] ?? 0) + by)) } });
    }
    const ids = (rows['sessions'] ?? []).map((row) => String(row['session']));
    const at = Math.min(ids.length - 1, Math.max(0, ids.indexOf(session ?? '') + by));
    if (ids[at] !== undefined) this.look(ids[at]);
  }

  turn(by: 1 | -1): void {
    const at = (PANELS.indexOf(this.#state.panel) + by + PANELS.length) % PANELS.length;
    this.#set({ panel: PANELS[at]!, filter: '', typing: false });
  }

  change(changed: Partial<Pick<TopState, 'filter' | 'typing' | 'question' | 'said'>>): void {
    this.#set(changed);
  }

  /** Rows of a panel that the filter lets through; those of risk are made where they are shown. */
  shown(panel: Panel): readonly TopRow[] {
    const { rows, filter, panel: chosen } = this.#state;
    const all = rows[panel] ?? [];
    const wanted = filter.toLowerCase();
    if (wanted === '' || panel !== chosen) return all;
    return all.filter((row) => JSON.stringify(row).toLowerCase().includes(wanted));
  }

  /** What was asked is meant: does it, and says what came of it. */
  async answer(): Promise<void> {
    const { question, session } = this.#state;
    if (question === null || session === null || this.#source === null) return;
    this.#set({ question: null, said: 'asked' });
    try {
      const source = this.#source;
      const words = await (question === 'stop' ? source.stop(session) : source.emergencyStop(session));
      this.#set({ said: words.split('\n')[0]! });
    } catch (error) {
      this.#set({ said: `not done: ${(error as Error).message}` });
    }
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#listeners.clear();
    await this.#source?.close();
  }

  #listen(session: string): void {
    for (const word of OF_SESSION) this.#source?.listen(`${word}:${session}`);
    this.#readLimits();
  }

  /** Limits change by words of operators, which sessions tell of. */
  #readLimits(): void {
    const { session } = this.#state;
    if (session === null || this.#source === null) return;
    this.#source.limits(session).then(
      (limits) => {
        if (this.#state.session === session) this.#set({ limits });
      },
      (error: unknown) => this.#set({ trouble: (error as Error).message }),
    );
  }

  #set(changed: Partial<TopState>): void {
    this.#state = { ...this.#state, ...changed };
    // What is typed is seen at once; rows that come are gathered.
    if (!('rows' in changed) && !('limits' in changed)) return this.#draw();
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_MS);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const listener of this.#listeners) listener();
  }
}

import type { Clock } from '../../../infra/clock.ts';
import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { DurableJournal } from '../../journal/durable-journal.ts';
import type { SessionOptions } from '../historical-session.ts';
import type { AskedPlace } from '../../orders/asked-order.ts';
import type { OrderVerdict } from '../questions/question-store.ts';
import type { OrderLatencies } from '../latency/order-latencies.ts';
import type { Portfolio } from '../../portfolio/portfolio.ts';
import type { BookedAccount } from '../monitor/session-books.ts';
import type { SessionCommands } from '../record/session-commands.ts';
import type { ClosedBars, SymbolAction } from '../replayed-feed.ts';
import type { TakenCommand } from '../record/taken-command.ts';
import type { SessionStanding } from '../session-store.ts';
import type { VenueEdge } from '../venue/venue-edge.ts';

/** What a session that trades as bars come is given. */
export interface PaperSessionOptions extends SessionOptions {
  /** Names the session; client order ids derive from it. */
  readonly sessionId: string;
  /**
   * Closed bars from the session's first on: a restarted session is given the same ones again and catches up on them.
   */
  readonly feed: AsyncIterable<ClosedBars>;
  readonly journal: DurableJournal;
  readonly commands?: Pick<SessionCommands, 'begun' | 'replayed'> & {
    take(step: number, timeMs: number | null): Promise<readonly TakenCommand[]>;
    /** Answers what is asked of orders that nobody places. */
    answer?(verdict: (order: AskedPlace) => OrderVerdict): Promise<void>;
  };
  /** Hears, before each commit, after how many steps the session has gone on: commands come later. */
  readonly onSteps?: ((steps: number) => void) | undefined;
  /** Where orders leave to a venue that answers later; `journal` and `broker` are then those that it made. */
  readonly venue?: VenueEdge | undefined;
  /** Closes between two states that are stored, at the least. Default 500. */
  readonly keepEvery?: number | undefined;
  /** Hears, in a line, why a restart is a replay from the start. */
  readonly note?: ((text: string) => void) | undefined;
  /** Hears where the session stands after a close, now and then, and at its end: for those who look from outside. */
  readonly onStanding?: (standing: SessionStanding) => Promise<void>;
  /** Hears of the limits that hold after a change, before a restart too. */
  readonly onLimits?: (limits: RiskLimits) => Promise<void>;
  /** Hears of the account after every close that is not made up for, at once. */
  readonly onMark?: (portfolio: Portfolio, timeMs: number) => void;
  /** Hears of the account whenever its standing is told. */
  readonly onBooks?: (account: BookedAccount, timeMs: number) => Promise<void>;
  /** Splits on record that come into effect about that time and that no bar has brought. */
  readonly dueSplits?: ((nowMs: number) => Promise<readonly SymbolAction[]>) | undefined;
  /** Notes when orders take their steps, by the wall clock. */
  readonly latencies?: OrderLatencies | undefined;
  /** Only paces how often commands are looked for. */
  readonly clock: Clock;
  /** Tells the moment of a command once the session is live; absent where it is that of the step before. */
  readonly eventClock?: Clock | undefined;
  /** Aborting stops between two bars and leaves orders working: the session can be resumed. */
  readonly signal?: AbortSignal;
  /** After each close: bars done, and whether the session is still catching up on what it did before a restart. */
  readonly onStep?: (bars: number, replaying: boolean) => void;
}

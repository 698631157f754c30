import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { Command } from '../../effect.ts';
import type { AskedOrder, AskedOutcome } from '../../orders/asked-order.ts';

/** What a session can be told: words, a change of limits, an order. */
export type CommandName = Command['command'] | 'limits' | 'order';

/** What a command is about besides its word. */
export interface CommandContent {
  /** Those that hold from there on, all of them: of a change of limits. */
  readonly limits?: RiskLimits;
  /** Of an order. */
  readonly asked?: AskedOrder;
  /** What names the request for it: of those that have one name the first alone is handed over. */
  readonly request?: string | undefined;
}

/** A session that a command was handed to. */
export interface CommandedSession {
  readonly id: string;
  /** A process runs it: the command takes effect at once; otherwise when it goes on. */
  readonly running: boolean;
  /** Of an order: the command's number among all. */
  readonly number?: number;
}

/** Where a command came from. */
export interface CommandOrigin {
  /** Of the request. */
  readonly correlationId: string;
  /** The span that it was asked for in; null where nothing was traced. */
  readonly traceparent: string | null;
}

/** A command that a session took up, and its moment: null for that of the close before it. */
export interface TakenCommand extends CommandContent {
  readonly command: CommandName;
  readonly timeMs: number | null;
  /** Its number among all commands; names an order that was asked for. */
  readonly id?: number;
  /** Takes what became of an order, to be recorded with what it led to; absent where it is repeated. */
  readonly answer?: (outcome: AskedOutcome) => void;
  /** Of a request over HTTP; absent for one of the command line, or that is repeated. */
  readonly origin?: CommandOrigin;
  /** Told when its turn comes, and when it was done; absent where it is repeated. */
  readonly begins?: () => void;
  readonly ends?: () => void;
}

/** A command that waits to be taken up. */
export interface WaitingCommand extends Omit<TakenCommand, 'timeMs' | 'answer' | 'begins' | 'ends'> {
  readonly id: number;
  /** It is an order that was asked for too long ago. */
  readonly late: boolean;
}

/** A command that a session took up: at which step, and when; null for the moment of the close before. */
export interface TakenMark {
  readonly id: number;
  readonly step: number;
  readonly timeMs: number | null;
  /** What became of an order, once it is known. */
  outcome?: AskedOutcome | null;
}

import type { SessionResult } from '../../trading/session-result.ts';
import { isoTime } from '../statistics/performance.ts';

/** What the text of a run says in words beside its figures, for the document of the same run. */
export interface ToldWords {
  /** Newest last. */
  readonly lastSignals: readonly {
    readonly time: string;
    readonly symbol: string;
    readonly action: string;
    readonly probability: number | null;
    readonly reason: string;
  }[];
  /** One entry a code, most frequent first, with the latest of them in words. */
  readonly refused: readonly {
    readonly code: string;
    readonly stage: string;
    readonly count: number;
    readonly latest: { readonly time: string; readonly symbol: string; readonly reason: string };
  }[];
}

/** The words of a session. */
export function toldWords({ lastSignals, refused }: Pick<SessionResult, 'lastSignals' | 'refused'>): ToldWords {
  return {
    lastSignals: lastSignals.map(({ timeMs, symbol, action, probability, reason }) => ({
      ...{ time: isoTime(timeMs), symbol, action, probability, reason },
    })),
    refused: refused.map(({ code, stage, count, latest: { timeMs, symbol, reason } }) => ({
      ...{ code, stage, count },
      latest: { time: isoTime(timeMs), symbol, reason },
    })),
  };
}

/** How far an experiment has come, least first. */
export const STAGES = ['backtest', 'paper', 'live'] as const;
export type Stage = (typeof STAGES)[number];

/** What is known of an experiment as it stands; another definition of it counts nothing. */
export interface StageEvidence {
  /** Backtests on record, or of a model its champion, which came through a gate of its own. */
  readonly backtests: number;
  readonly champion: string | null;
  readonly paper: {
    readonly sessions: number;
    /** Days on which bars came, of sessions whose orders went somewhere. */
    readonly days: number;
    readonly orders: number;
    readonly fills: number;
    readonly refusals: number;
    /** Of the newest: profit over capital; null before its first bar. */
    readonly totalReturn: number | null;
    /** Of the newest: what stops it, as an operator or risk has set it. */
    readonly killState: string | null;
  };
  /** How paper compared with the backtest of the same bars, by session; null where nobody has compared any. */
  readonly parity: {
    readonly sessions: number;
    readonly orders: number;
    readonly differences: number;
    /** What paper has less, in money. */
    readonly cost: number;
  } | null;
  /** What identifies the limits in force. */
  readonly limitsHash: string;
}

/** A move that is asked for. */
export interface AskedMove {
  readonly from: Stage;
  readonly to: Stage;
  /** The limits that were looked at, by the letters that identify them. */
  readonly limitsSeen: string | undefined;
}

/** A month of trading days. */
const DAYS_MIN = 20;
const FILLS_MIN = 10;

/** What is missing for a move, in sentences; empty where it may be made. The way back is always free. */
export function missingFor({ from, to, limitsSeen }: AskedMove, evidence: StageEvidence): string[] {
  const [before, after] = [STAGES.indexOf(from), STAGES.indexOf(to)];
  if (after <= before) return [];
  const { backtests, champion, paper, parity, limitsHash } = evidence;
  const missing: string[] = [];
  if (after - before > 1) missing.push('it has not been moved to paper: --to paper comes first');
  if (backtests === 0 && champion === null)
    missing.push('no backtest of it as it stands is on record, and no champion');
  if (to === 'live') {
    if (paper.days < DAYS_MIN) missing.push(`${paper.days} days on paper of ${DAYS_MIN} at least`);
    if (paper.fills < FILLS_MIN) missing.push(`${paper.fills} fills on paper of ${FILLS_MIN} at least`);
    if (paper.killState !== null && paper.killState !== 'run') {
      missing.push(`its session on paper is stopped by "${paper.killState}"`);
    }
    if (parity === null) missing.push('no session on paper was compared with its backtest: signalbox parity does so');
  }
  if (limitsSeen !== limitsHash)
    missing.push(`its limits were not looked at: --limits-seen ${limitsHash} says they were`);
  return missing;
}

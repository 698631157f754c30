import type { Random } from '../../infra/random.ts';
import type { HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { SessionResult } from '../../trading/session-result.ts';
import type { Evaluation } from '../judgement/evaluation.ts';
import { maximumDrawdown } from '../statistics/drawdown.ts';
import { equityBefore } from '../statistics/equity-before.ts';
import {
  pathOutcomes,
  resampledBlocks,
  resampledTrades,
  shuffledTrades,
  type MonteCarloSettings,
  type BlockOutcomes,
  type PathOutcomes,
} from '../statistics/monte-carlo.ts';
import { perturbBars } from './perturbed-bars.ts';
import { rerun } from './rerun.ts';

/** Runs of the engine over perturbed bars. */
interface PerturbedOutcomes extends PathOutcomes {
  readonly perturbBps: number;
  readonly tradesFrom: number;
  readonly tradesTo: number;
}

/** `monteCarlo` of the result document; null where there are fewer than two trades or returns (reasons say so). */
export interface MonteCarloSection {
  readonly ruinAt: number;
  /** The closed trades in other orders, and as many of them drawn with replacement. */
  readonly shuffledTrades: PathOutcomes | null;
  readonly resampledTrades: PathOutcomes | null;
  /** Daily returns in blocks. */
  readonly blocks: BlockOutcomes | null;
  /** Where runs over them were asked for. */
  readonly perturbedBars?: PerturbedOutcomes;
}

/** What each closed trade made of the account: net profit over equity at the last mark before its entry. */
export function tradeReturns(session: SessionResult): Float64Array {
  const closed = session.ledger.filter(({ exitTimeMs }) => exitTimeMs !== null);
  return Float64Array.from(closed, ({ pnl, entryTimeMs }) => pnl / equityBefore(session, entryTimeMs));
}

/** Draws other histories of a session. Null where none was asked for. */
export function monteCarloSection(
  { session, measured }: Pick<Evaluation, 'session' | 'measured'>,
  { settings, plan, random }: { settings: MonteCarloSettings; plan: HistoricalSessionOptions; random: Random },
): { section: MonteCarloSection; reasons: string[] } | null {
  const { samples, ruinAt, perturbedRuns } = settings;
  if (samples === 0 && perturbedRuns === 0) return null;
  const options = (name: string) => ({ random: random.fork(name), samples, ruinAt });
  const known = samples > 0 && measured.insolvent === null;
  const trades = known ? tradeReturns(session) : new Float64Array(0);
  const section: MonteCarloSection = {
    ruinAt,
    shuffledTrades: shuffledTrades(trades, options('shuffled trades')),
    resampledTrades: resampledTrades(trades, options('resampled trades')),
    blocks: known ? resampledBlocks(measured.returns, options('blocks')) : null,
    ...(perturbedRuns === 0 ? {} : { perturbedBars: perturbedOutcomes(plan, settings, random.fork('perturbed')) }),
  };
  return { section, reasons: reasonsOf(section, samples, measured.insolvent) };
}

function perturbedOutcomes(
  plan: HistoricalSessionOptions,
  { perturbedRuns, perturbBps, ruinAt }: MonteCarloSettings,
  random: Random,
): PerturbedOutcomes {
  const totals = new Float64Array(perturbedRuns);
  const depths = new Float64Array(perturbedRuns);
  let [tradesFrom, tradesTo] = [Infinity, 0];
  for (let run = 0; run < perturbedRuns; run++) {
    const stream = random.fork(`run ${run}`);
    const bars = plan.bars.map((columns) => perturbBars(columns, { bps: perturbBps, random: stream }));
    const { equity, initialCapital, ledger } = rerun(plan, { bars });
    totals[run] = equity.at(-1)! / initialCapital - 1;
    depths[run] = maximumDrawdown(equity).depth;
    tradesFrom = Math.min(tradesFrom, ledger.length);
    tradesTo = Math.max(tradesTo, ledger.length);
  }
  return { ...pathOutcomes(totals, depths, ruinAt), perturbBps, tradesFrom, tradesTo };
}

function reasonsOf(section: MonteCarloSection, samples: number, insolvent: string | null): string[] {
  const missing = (['shuffledTrades', 'resampledTrades', 'blocks'] as const).filter((name) => section[name] === null);
  if (missing.length === 0) return [];
  const why =
    samples === 0 ? 'no path was asked for' : (insolvent ?? 'two closed trades or daily returns are the least');
  return [`monteCarlo: ${missing.join(', ')}: ${why}.`];
}

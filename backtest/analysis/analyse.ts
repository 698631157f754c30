import type { Random } from '../../infra/random.ts';
import type { Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { HistoricalSessionOptions } from '../../trading/sessions/historical-session.ts';
import type { Evaluation } from '../judgement/evaluation.ts';
import { attributionOf, type Attribution } from './attribution.ts';
import type { FeatureAttribution } from './feature-attribution.ts';
import { drawdownSection, type DrawdownRow } from './drawdown-section.ts';
import { excursionColumns, type ExcursionColumns } from './excursions.ts';
import type { FeatureImportance } from './feature-importance.ts';
import { relativeSection, type RelativeSection } from './benchmark-section.ts';
import { capacityOf, type Capacity } from './capacity.ts';
import { costSensitivity, type CostSensitivity } from './cost-sensitivity.ts';
import { monteCarloSection, type MonteCarloSection } from './monte-carlo-section.ts';
import { MONTE_CARLO, type MonteCarloSettings } from '../statistics/monte-carlo.ts';
import { lotSection, type LotSection } from './lots.ts';
import { NO_TRACE, traceSession, type SessionTrace } from './order-trace.ts';
import { tooLargeToRepeat } from './rerun.ts';
import { regimesOf, type RegimeSection } from './regimes.ts';
import { rollingSection, type RollingSection } from './rolling-section.ts';
import { symbolDiscovery, type SymbolDiscovery } from './symbols/symbol-discovery.ts';
import { tradeAnalysis, type TradeAnalysis } from './trade-analysis.ts';

/** The sections of the result document beyond figures and verdict, in their order there. */
export interface AnalysisSections {
  readonly tradeAnalysis: TradeAnalysis | null;
  readonly attribution: Attribution;
  readonly relative: RelativeSection;
  readonly costSensitivity: CostSensitivity;
  readonly capacity: Capacity | null;
  readonly regimes: RegimeSection | null;
  /** Where it was asked for. */
  readonly monteCarlo?: MonteCarloSection;
  /** Null for a session that is not run again. */
  readonly lots: LotSection | null;
  readonly excursions: ExcursionColumns | null;
  /** The deepest falls of equity, the deepest first. */
  readonly drawdowns: readonly DrawdownRow[];
  readonly rolling: RollingSection | null;
  /** Where a model decides; null where what moved its predictions was not kept. */
  readonly featureImportance?: FeatureImportance | null;
}

/** What a session was made of, with a sentence for each null. */
export interface Analysis {
  readonly sections: AnalysisSections;
  readonly reasons: readonly string[];
  readonly trace: SessionTrace;
  /** What was traded, one set of columns a symbol. */
  readonly bars: HistoricalSessionOptions['bars'];
  /** Where a model decides: `features` of the result. */
  readonly featureAttribution?: FeatureAttribution | null;
  /** Where several symbols have trades enough. */
  readonly symbolDiscovery: SymbolDiscovery | null;
}

export interface AnalysisInput {
  readonly evaluation: Evaluation;
  /** The session that was measured: run again at other costs, capitals and prices. */
  readonly plan: HistoricalSessionOptions;
  readonly costs: Partial<Costs>;
  readonly random: Random;
  readonly monteCarlo?: Partial<MonteCarloSettings> | undefined;
}

/**
 * Takes a session apart: its trades, what they have in common, how it stands to the market, and what it would have been
 * at other costs, with more capital, in other states of the market and with other luck. About ten further runs of the
 * engine. Pure: the same input gives the same analysis.
 */
export function analyse(input: AnalysisInput): Analysis {
  const { evaluation, plan, costs, random } = input;
  const { session, market } = evaluation;
  const regimes = regimesOf(evaluation);
  const large = tooLargeToRepeat(plan);
  const trace = large === null ? traceSession(plan, session.journalHash) : NO_TRACE;
  const traded = { session, bars: plan.bars, restated: plan.actions !== undefined };
  const trades = tradeAnalysis(traded);
  const excursions = excursionColumns(traded);
  const drawdowns = drawdownSection(session);
  const rolling = rollingSection(evaluation.measured, market);
  const discovery = symbolDiscovery(session);
  const relative = relativeSection(evaluation);
  const charged = costSensitivity({ plan, session, costs, market });
  const capacity = capacityOf({ plan, session, costs, market });
  const settings = { ...MONTE_CARLO, ...input.monteCarlo };
  const chance = monteCarloSection(evaluation, { settings, plan, random: random.fork('monte carlo') });
  return {
    sections: {
      tradeAnalysis: trades.section,
      attribution: attributionOf(session, { entryOf: trace.entryOf, regimeOf: regimes.regimeOf }),
      relative: relative.section,
      costSensitivity: charged.section,
      capacity: capacity.section,
      regimes: regimes.section,
      ...(chance === null ? {} : { monteCarlo: chance.section }),
      lots: trace.lots === null ? null : lotSection(trace.lots, plan.bars),
      excursions: excursions.section,
      drawdowns: drawdowns.section,
      rolling: rolling.section,
    },
    reasons: [
      ...(large === null ? [] : [`orders and lots: ${large}`]),
      ...[trades, relative, charged, capacity, regimes, chance, excursions, drawdowns, rolling, discovery].flatMap(
        (part) => part?.reasons ?? [],
      ),
    ],
    trace,
    bars: plan.bars,
    symbolDiscovery: discovery.section,
  };
}

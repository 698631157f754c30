import type { Version } from './model-queries.ts';

/** What is known of a version's worth; null for what is not. */
export interface VersionFigures {
  readonly verdict: string | null;
  readonly auc: number | null;
  readonly logLoss: number | null;
  readonly brier: number | null;
  readonly hitRate: number | null;
  readonly informationCoefficient: number | null;
  readonly totalReturn: number | null;
  readonly sharpe: number | null;
  readonly deflatedSharpe: number | null;
  readonly maxDrawdown: number | null;
  readonly trades: number | null;
}

/** Of what a version showed out of sample, by its scores and traded by its own rules. */
export function figuresOf({ evidence }: Pick<Version, 'evidence'>): VersionFigures {
  const { outOfSample, backtest } = (evidence ?? {}) as { outOfSample?: object | null; backtest?: object | null };
  const number = (from: object | null | undefined, name: string): number | null => {
    const value = (from as Record<string, unknown> | null | undefined)?.[name];
    return typeof value === 'number' ? value : null;
  };
  const verdict = (backtest as { verdict?: unknown } | null | undefined)?.verdict;
  return {
    verdict: typeof verdict === 'string' ? verdict : null,
    auc: number(outOfSample, 'auc'),
    logLoss: number(outOfSample, 'logLoss'),
    brier: number(outOfSample, 'brier'),
    hitRate: number(outOfSample, 'hitRate'),
    informationCoefficient: number(outOfSample, 'informationCoefficient'),
    totalReturn: number(backtest, 'totalReturn'),
    sharpe: number(backtest, 'sharpe'),
    deflatedSharpe: number(backtest, 'deflatedSharpe'),
    maxDrawdown: number(backtest, 'maxDrawdown'),
    trades: number(backtest, 'trades'),
  };
}

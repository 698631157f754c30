import type { RiskLimits } from '../../../models/experiment/experiment.ts';
import type { AccountFigures } from '../monitor/account-figures.ts';

/** How far a limit is used. */
export interface LimitUse {
  readonly limit: string;
  /** 1: it is reached. */
  readonly share: number;
}

/**
 * The limit that is used most, of those that hold for the account at any time; null where none of them is set. Those
 * of single orders are none of these: an order is refused, and nothing comes near.
 * @param drawdown how far equity is below its peak, as a share of the peak
 */
export function mostUsedLimit(figures: AccountFigures, limits: RiskLimits, drawdown: number): LimitUse | null {
  const { equity, gross, net, dayReturn, dayPnl, symbols, sectors } = figures;
  const largest = (exposures: AccountFigures['symbols']): number => Math.max(0, ...exposures.map((one) => one.gross));
  const ofEquity = (value: number): number => (equity > 0 ? value / equity : NaN);
  const used: readonly (readonly [string, number, number | null | undefined])[] = [
    ['positionFraction', ofEquity(largest(symbols)), limits.positionFraction],
    ['positionNotional', largest(symbols), limits.positionNotional],
    ['grossExposureFraction', ofEquity(gross), limits.grossExposureFraction],
    ['grossExposureNotional', gross, limits.grossExposureNotional],
    ['netExposureFraction', ofEquity(Math.abs(net)), limits.netExposureFraction],
    ['netExposureNotional', Math.abs(net), limits.netExposureNotional],
    ['sectorExposureFraction', ofEquity(largest(sectors)), limits.sectorExposureFraction],
    ['sectorExposureNotional', largest(sectors), limits.sectorExposureNotional],
    ['dailyLossFraction', Math.max(0, -(dayReturn ?? 0)), limits.dailyLossFraction],
    ['dailyLossAmount', Math.max(0, -dayPnl), limits.dailyLossAmount],
    ['drawdownFraction', drawdown, limits.drawdownFraction],
  ];
  const shares = used.flatMap(([limit, value, most]) => {
    const share = most === null || most === undefined ? NaN : value / most;
    return Number.isFinite(share) ? [{ limit, share }] : [];
  });
  return shares.reduce<LimitUse | null>((most, one) => (most === null || one.share > most.share ? one : most), null);
}

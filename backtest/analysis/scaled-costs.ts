import { costsOf, type Costs } from '../../trading/brokers/simulated/cost-model.ts';
import type { Commission } from '../../trading/brokers/simulated/commission.ts';
import type { FinancingRule } from '../../trading/financing/financing-rule.ts';
import type { YearlyRate } from '../../trading/financing/yearly-rate.ts';

/** The same conventions with everything that trading is charged multiplied; without costs there is no rebate either. */
export function scaledCosts(costs: Partial<Costs>, multiple: number): Costs {
  const { feeBps, halfSpreadBps, spread, slippage, commission, own, ...rest } = costsOf(costs);
  return {
    ...rest,
    feeBps: feeBps * multiple,
    halfSpreadBps: halfSpreadBps * multiple,
    ...(spread === undefined ? {} : { spread: spread * multiple }),
    slippage: { ...slippage, bps: slippage.bps * multiple },
    ...(commission === undefined ? {} : { commission: scaledCommission(commission, multiple) }),
    ...(own === undefined ? {} : { own: { ...own, multiple } }),
  };
}

function scaledCommission({ asset, tiers, ...charges }: Commission, multiple: number): Commission {
  const scaled = Object.entries(charges).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, scaledCharge(value, multiple)] as const],
  );
  return {
    ...Object.fromEntries(scaled),
    asset,
    tiers: tiers?.map(({ from, makerBps, takerBps }) => ({
      from,
      makerBps: scaledCharge(makerBps, multiple),
      takerBps: scaledCharge(takerBps, multiple),
    })),
  };
}

/** Dearer trading brings no larger rebate: that would make costs an income. */
function scaledCharge(charge: number, multiple: number): number {
  return charge < 0 ? charge * Math.min(1, multiple) : charge * multiple;
}

/** The same rule with borrowing, funding and interest on debt multiplied; what cash earns stays. */
export function scaledFinancing({ symbols, ...rule }: FinancingRule, multiple: number): FinancingRule {
  const { borrow, funding, debit } = rule;
  return {
    ...rule,
    borrow: scaledRate(borrow, multiple),
    funding: scaledRate(funding, multiple),
    debit: scaledRate(debit, multiple),
    ...(symbols === undefined
      ? {}
      : {
          symbols: Object.fromEntries(
            Object.entries(symbols).map(([symbol, own]) => [
              symbol,
              { borrow: scaledRate(own.borrow, multiple), funding: scaledRate(own.funding, multiple) },
            ]),
          ),
        }),
  };
}

function scaledRate(rate: YearlyRate | undefined, multiple: number): YearlyRate | undefined {
  if (rate === undefined) return undefined;
  if (typeof rate === 'number') return rate * multiple;
  return rate.map(({ from, rate: value }) => ({ from, rate: value * multiple }));
}

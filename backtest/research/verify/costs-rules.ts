import {
  OwnCostModel,
  type CostExecution,
  type CostOrder,
  type OwnCosts,
} from '../../../trading/brokers/simulated/own-costs.ts';
import type { CompiledOwnFile, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { evaluateOwnFile } from '../../../infra/own-files/evaluate-own-file.ts';
import { OwnCalls } from '../../../infra/own-files/own-calls.ts';
import type { OwnRule } from './own-rule.ts';
import { sameAnswers } from './same-answers.ts';

const UNITS = [1e-8, 1, 100, 1e6];
const PRICES = [1e-6, 0.01, 100, 1e6];

const EXECUTIONS: readonly CostExecution[] = UNITS.flatMap((units) =>
  PRICES.flatMap((price) =>
    [true, false].flatMap((maker) => [true, false].map((first) => ({ units, price, maker, first }))),
  ),
);

/** Those of the first bar of a session among them, of which nothing is known. */
const ORDERS: readonly CostOrder[] = UNITS.flatMap((units) =>
  [...PRICES, NaN].flatMap((closeBefore) =>
    [0, 1e4, NaN].flatMap((volumeBefore) =>
      [0, 0.02, NaN].map((volatility) => ({ symbol: 'AAA', units, closeBefore, volumeBefore, volatility })),
    ),
  ),
);

/** The contract of a cost model. */
export function costsRules(
  code: CompiledOwnFile,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly OwnRule[] {
  const own = evaluateOwnFile(code) as OwnCosts;
  const [charges, slips] = [typeof own.charge === 'function', typeof own.slippage === 'function'];
  const model = new OwnCostModel({ code, parameters, charges, slips });
  const calls = new OwnCalls(code);
  return [
    {
      says: 'it has charge, slippage or both',
      broken: () => (charges || slips ? [] : [`${code.path}: has neither charge nor slippage`]),
    },
    {
      says: 'charge is 0 or a finite number above it, of small and large executions',
      broken: () => {
        // What is no cost is thrown, with the place.
        if (charges) for (const one of EXECUTIONS) model.charge(one);
        return [];
      },
    },
    {
      says: 'slippage is 0 or a finite number above it, of an order in the first bar too',
      broken: () => {
        if (slips) for (const one of ORDERS) model.slippage(one);
        return [];
      },
    },
    {
      says: 'the same order costs the same, whatever was asked before',
      broken: () => [
        ...(charges ? sameAnswers(calls, 'charge', { asked: EXECUTIONS, parameters }) : []),
        ...(slips ? sameAnswers(calls, 'slippage', { asked: ORDERS, parameters }) : []),
      ],
    },
  ];
}

import type { CompiledOwnFile, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { OwnCalls } from '../../../infra/own-files/own-calls.ts';
import { OwnSize, type SizedDecision } from '../../../trading/risk/own-sizer.ts';
import type { OwnRule } from './own-rule.ts';
import { sameAnswers } from './same-answers.ts';

const TIME_MS = Date.UTC(2024, 0, 2);
const BARS_PER_YEAR = 252;

/** Those of the first bars among them, of which no volatility is known, and of bars that stand still. */
const DECISIONS: readonly SizedDecision[] = [1, -1].flatMap((side) =>
  [0, 0.3, 1].flatMap((confidence) =>
    [1, 1e5, 1e9].flatMap((equity) =>
      [1e-6, 0.01, 100, 1e6].flatMap((price) =>
        [null, 0, 0.02].map((volatility) => ({
          ...{
            symbol: 'AAA',
            side: side as 1 | -1,
            confidence,
            equity,
            price,
            volatility,
            symbols: 3,
            timeMs: TIME_MS,
          },
          yearlyVolatility: volatility === null ? null : volatility * Math.sqrt(BARS_PER_YEAR),
        })),
      ),
    ),
  ),
);

/** The contract of a sizer. */
export function sizerRules(
  code: CompiledOwnFile,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly OwnRule[] {
  return [
    {
      says: 'a size is units or a share, 0 or a finite number above it, in the first bars and where nothing moves too',
      broken: () => {
        const sizer = new OwnSize({ kind: 'file', code, parameters });
        for (const decision of DECISIONS) sizer.units(decision);
        // A session goes on without one that does not answer; here it is tried no further.
        if (sizer.failure !== null) throw sizer.failure;
        return sizer.notes().map((note) => note.replace(/, first at .*$/, ''));
      },
    },
    {
      says: 'the same decision has the same size, whatever was asked before',
      broken: () => sameAnswers(new OwnCalls(code), 'size', { asked: DECISIONS, parameters }),
    },
  ];
}

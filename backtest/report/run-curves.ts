import { z } from 'zod';
import type { Evaluation } from '../judgement/evaluation.ts';
import { monthlyReturns } from '../statistics/daily-returns.ts';

const curve = z.array(z.number());

/** What is drawn of a run beside its result document: kept next to it as `curves.json`. */
const runCurvesSchema = z.object({
  /** Equity of the benchmarks in the currency of the account, one value for each mark of the run's own equity. */
  buyAndHold: curve,
  sameExposure: curve.nullable(),
  /** Net return of each calendar month as a fraction. */
  months: z.array(z.object({ month: z.string(), return: z.number() })),
});

export type RunCurves = z.infer<typeof runCurvesSchema>;

/** What `curves.json` holds; null for what is none, as an older or a later version wrote it. */
export function parseRunCurves(document: unknown): RunCurves | null {
  const parsed = runCurvesSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** The curves of a run that was measured beside its benchmarks. */
export function runCurves({ baselines, measured }: Evaluation): RunCurves {
  const { buyAndHold, sameExposure } = baselines;
  return {
    buyAndHold: drawn(buyAndHold.equity),
    sameExposure: sameExposure === null ? null : drawn(sameExposure.equity),
    months: monthlyReturns(measured.daily),
  };
}

/** Nine significant digits: an equity of 1,000,000 may move by less than 100 in a day. */
const drawn = (equity: ArrayLike<number>): number[] => Array.from(equity, (value) => Number(value.toPrecision(9)));

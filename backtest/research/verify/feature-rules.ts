import {
  checkDeterminism,
  checkFinite,
  checkFreshStart,
  checkPrefix,
  checkRestore,
  checkStream,
  checkWarmUp,
} from '../../../features/feature-contract.ts';
import type { FeatureSet } from '../../../features/feature-set.ts';
import type { CompiledOwnFile, ParameterValue } from '../../../infra/own-files/own-file.ts';
import { parseFeaturesWithFiles } from '../../../pipelines/own-features/own-feature-set.ts';
import { warmUpFindings } from '../warm-up.ts';
import type { OwnRule } from './own-rule.ts';
import { verifiedBars } from './verified-bars.ts';

/** Bars after the warm-up: as many as show a dependence that settles slowly. */
const BARS = 300;
/** Of the rules that compute the bars again and again. */
const BARS_FEW = 60;

/** The contract of a feature: what every one that is shipped is held to, and both hunts. */
export function featureRules(
  code: CompiledOwnFile,
  parameters: Readonly<Record<string, ParameterValue>>,
): readonly OwnRule[] {
  const list = Object.values(parameters);
  const expression = list.length === 0 ? code.path : `${code.path}(${list.join(',')})`;
  let made: FeatureSet | undefined;
  const set = (): FeatureSet =>
    (made ??= parseFeaturesWithFiles(expression, { timeframe: '1d', symbols: ['AAA'] }, [code]));
  const usual = (bars: number) => [verifiedBars(set().warmUpBars + bars)[0].bars];
  const at = (broken: readonly string[]): string[] => broken.map((words) => `${code.path}: ${words}`);
  const over = (check: (own: FeatureSet, bars: ReturnType<typeof usual>) => readonly string[]) => (): string[] =>
    at(check(set(), usual(BARS_FEW)));
  return [
    {
      says: 'it has a name, parameters and a warm-up',
      broken: () => at(set().columns.length === 1 ? [] : ['no column']),
    },
    {
      says: 'each value after the warm-up is a finite number, on bars that move and on bars that stand still',
      broken: () =>
        verifiedBars(set().warmUpBars + BARS).flatMap(({ name, bars }) =>
          within(name, () => at([...checkFinite(set(), [bars]), ...checkWarmUp(set(), [bars], true)])),
        ),
    },
    { says: 'no value depends on bars that come after it', broken: over(checkPrefix) },
    { says: 'the same bars give the same values', broken: over(checkDeterminism) },
    { says: 'a stream gives what a batch gives', broken: over(checkStream) },
    { says: 'streams share nothing', broken: over(checkFreshStart) },
    { says: 'a stream that was saved goes on where it was', broken: over(checkRestore) },
    {
      says: 'values do not depend on where history begins',
      broken: () =>
        warmUpFindings(set(), usual(BARS)).map(
          ({ column, settlesAfterBars }) =>
            `${code.path}: ${column} ${settlesAfterBars === null ? 'never settles' : `settles after ${settlesAfterBars} bars`}` +
            ` where history begins later, and its warm-up is ${set().warmUpBars}`,
        ),
    },
  ];
}

/** What was found on some bars, and what was thrown on them, with their name. */
function within(name: string, check: () => readonly string[]): string[] {
  return check().map((words) => `${words} (${name})`);
}

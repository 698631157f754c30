import { SignalboxError } from '../../infra/errors.ts';
import type { FittedModel } from '../estimators/estimator.ts';
import { takeColumnValues } from '../dataset.ts';
import { gatherWindows, tailOfWindows, type PredictableRows } from '../estimators/sequence-windows.ts';
import { applyScaler, type Scaler } from './scaler.ts';

/** A member of an ensemble while it is in use. */
export interface Member {
  readonly name: string;
  readonly model: FittedModel;
}

/** Rows that the members together look at: those of the member that looks back furthest. */
export function windowOf(members: readonly Member[]): number {
  return members.reduce((most, { model }) => Math.max(most, model.window ?? 1), 1);
}

/** Throws when a member gave something that is no probability: it is never replaced or left out. */
function assertProbabilities(name: string, values: Float64Array, rows: number): void {
  for (let row = 0; row < rows; row++) {
    const p = values[row]!;
    if (!(p >= 0 && p <= 1)) {
      throw new SignalboxError(`Ensemble member ${name} predicted ${p} for row ${row}: not a probability`, {
        remedy: 'Train the model again; if it stays, check the features of that bar.',
      });
    }
  }
}

/**
 * Asks each member for its probabilities of windows (`rows * window * width`, `window` as `windowOf` says), scaled or,
 * for one that takes them so, as they are; a member that looks at fewer rows gets the last of each window. `columns`:
 * those that members look at, where these are not all. Names the member that fails.
 */
export function predictMembers(
  members: readonly Member[],
  given: { readonly scaled: Float64Array; readonly unscaled: Float64Array },
  { rows, width: all, columns }: { rows: number; width: number; columns?: readonly number[] | undefined },
): Float64Array[] {
  const window = windowOf(members);
  const { scaled, unscaled } = columns === undefined ? given : columnsOf(given, all, columns);
  const width = columns?.length ?? all;
  return members.map(({ name, model }) => {
    let values: Float64Array;
    try {
      values = model.predict(
        tailOfWindows(model.unscaled ? unscaled : scaled, rows, { window, kept: model.window ?? 1, width }),
        rows,
      );
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      throw new SignalboxError(`Ensemble member ${name} failed to predict: ${said}`, { cause });
    }
    assertProbabilities(name, values, rows);
    return values;
  });
}

function columnsOf(
  { scaled, unscaled }: { readonly scaled: Float64Array; readonly unscaled: Float64Array },
  width: number,
  columns: readonly number[],
): { readonly scaled: Float64Array; readonly unscaled: Float64Array } {
  return {
    scaled: takeColumnValues(scaled, width, columns),
    unscaled: takeColumnValues(unscaled, width, columns),
  };
}

/** Numbers of windows that are gathered and scaled at a time: 16 MB, whatever the number of rows. */
const NUMBERS_MAX = 2 ** 21;

/** Stretches of `rows` whose scaled windows may be in memory at once. */
export function stretches(rows: number, window: number, width: number): { from: number; to: number }[] {
  const size = Math.max(1, Math.floor(NUMBERS_MAX / (window * width)));
  const count = Math.ceil(rows / size);
  return Array.from({ length: count }, (_, i) => ({ from: i * size, to: Math.min(rows, (i + 1) * size) }));
}

/** Each member's probabilities of unscaled rows, whose history is looked into where a member needs it. */
export function memberProbabilities(
  members: readonly Member[],
  { scaler, columns }: { readonly scaler: Scaler; readonly columns?: readonly number[] | undefined },
  data: PredictableRows,
): Float64Array[] {
  const { rows, width } = data;
  const window = windowOf(members);
  const out = members.map(() => new Float64Array(rows));
  for (const stretch of stretches(rows, window, width)) {
    const count = stretch.to - stretch.from;
    const unscaled = gatherWindows(data, window, stretch);
    const scaled = applyScaler(scaler, unscaled, count * window);
    const predicted = predictMembers(members, { scaled, unscaled }, { rows: count, width, columns });
    predicted.forEach((values, m) => out[m]!.set(values.subarray(0, count), stretch.from));
  }
  return out;
}

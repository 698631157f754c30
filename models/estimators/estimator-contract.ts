import { describe, expect, it } from 'vitest';
import { createRandom } from '../../infra/random.ts';
import { takeRows } from '../dataset.ts';
import type { Dataset } from '../dataset.ts';
import type { Estimator, FitContext } from './estimator.ts';
import { areaUnderCurve, datasetOf } from './known-tables.ts';
import { loadModel } from './registry.ts';
import { gatherWindows, withOwnHistory } from './sequence-windows.ts';
import { decodeModel, encodeModel, sealModel } from './serialised-model.ts';

/** What the suite needs to know about one estimator. */
export interface ContractOptions {
  /** Parameters that make a fit quick. */
  readonly quick: Record<string, unknown>;
  /** Least area under the curve on held-out rows of a linear signal with noise. */
  readonly aucMin: number;
  /** Parameters that must be given; none where the key is absent. */
  readonly least?: Record<string, unknown>;
  /**
   * How far from one half a model may stand that has learned only an even prior (default 0.2; a count of votes may lie
   * at 0 or 1).
   */
  readonly priorWithin?: number;
}

const WIDTH = 6;

/** Rows whose label follows feature 0 and, less, feature 1 under noise; `missing` is the share of NaN cells. */
function signalRows(rows: number, seed: string, missing = 0): Dataset {
  const random = createRandom(seed);
  const x = new Float64Array(rows * WIDTH);
  const y = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let j = 0; j < WIDTH; j++) x[row * WIDTH + j] = random.normal();
    y[row] = x[row * WIDTH]! + 0.5 * x[row * WIDTH + 1]! + 0.7 * random.normal() > 0 ? 1 : 0;
    for (let j = 0; j < WIDTH; j++) if (random.next() < missing) x[row * WIDTH + j] = NaN;
  }
  const weight = Float64Array.from({ length: rows }, () => 0.5 + random.next());
  return datasetOf(x, y, weight);
}

/** All but the first `window - 1` rows of a series, which the others look back into. */
function withLookBack(series: Dataset, window: number): Dataset {
  if (window === 1) return series;
  const index = Int32Array.from({ length: series.rows - window + 1 }, (_, i) => i + window - 1);
  return takeRows(withOwnHistory(series), index);
}

const context = (extra: Partial<FitContext> = {}): FitContext => ({ random: createRandom(11), ...extra });

/** The suite every estimator passes: call it inside a test file. */
export function estimatorContract(estimator: Estimator<unknown>, options: ContractOptions): void {
  const params = estimator.params.parse(options.quick);
  const window = estimator.window?.(params) ?? 1;
  /**
   * A series of `rows` rows that can be learned from; `edit` changes the features of all, those looked back into too.
   */
  const seriesOf = (rows: number, seed: string, edit: (x: Float64Array) => void = () => undefined): Dataset => {
    const series = signalRows(rows + window - 1, seed);
    edit(series.x);
    return withLookBack(series, window);
  };
  const holed = (rows: number, seed: string): Dataset =>
    withLookBack(signalRows(rows + window - 1, seed, 0.15), window);
  const inputOf = (on: Dataset): Float64Array => gatherWindows(on, window, { from: 0, to: on.rows });
  const train = seriesOf(400, 'train');
  const test = seriesOf(300, 'test');
  const testInput = inputOf(test);
  const inputWidth = window * WIDTH;
  const fit = (dataset: Dataset, extra?: Partial<FitContext>) => estimator.fit(dataset, params, context(extra));
  const scores = async (dataset: Dataset, on: Dataset = test): Promise<Float64Array> =>
    (await fit(dataset)).predict(inputOf(on), on.rows);

  describe(`${estimator.kind} (estimator contract)`, () => {
    it('finds a known signal in rows it has not seen', async () => {
      expect(areaUnderCurve(await scores(train), test.y)).toBeGreaterThan(options.aucMin);
    });

    it('learns what its heavy rows say: every other label turned round, and the weight on either half', async () => {
      const mixed = seriesOf(800, 'weights');
      const y = mixed.y.map((label, row) => (row % 2 === 0 ? label : 1 - label));
      const heavy = (half: 0 | 1): Float64Array => y.map((_, row) => (row % 2 === half ? 1 : 0.02));
      const least = options.aucMin - 0.1;
      expect(areaUnderCurve(await scores({ ...mixed, y, weight: heavy(0) }), test.y)).toBeGreaterThan(least);
      expect(areaUnderCurve(await scores({ ...mixed, y, weight: heavy(1) }), test.y)).toBeLessThan(1 - least);
    });

    it('says the same in whatever unit the weights are', async () => {
      const usual = await scores(train);
      for (const unit of [1e-3, 3, 1e3]) {
        const found = await scores({ ...train, weight: train.weight.map((weight) => weight * unit) });
        found.forEach((score, row) => expect(Math.abs(score - usual[row]!)).toBeLessThan(1e-3));
      }
    });

    it('says the same whatever rows of next to no weight say, wherever they stand', async () => {
      const rows = 240;
      const others = [1, 2, 9].map((times) => ({ times, rows: rows * (times + 1) }));
      for (const { times, rows: all } of others) {
        const counts = (row: number): boolean => row % (times + 1) === times;
        const mixed = seriesOf(all, 'no weight', (x) => {
          // Far away, so that centres, spreads and bins would follow them.
          for (let cell = 0; cell < x.length; cell++) {
            if (window === 1 && !counts(Math.floor(cell / WIDTH))) x[cell] = 50 + 10 * x[cell]!;
          }
        });
        const y = mixed.y.map((label, row) => (counts(row) ? label : 1 - label));
        const weight = y.map((_, row) => (counts(row) ? 1 : 1e-6));
        const alone = takeRows(
          { ...mixed, weight },
          Int32Array.from(y.keys()).filter((row) => counts(row)),
        );
        expect(await scores({ ...mixed, y, weight })).toEqual(await scores(alone));
      }
    });

    it('gives the same bits for the same data, parameters and seed, and forgets the fit before', async () => {
      const first = await fit(train);
      await fit(seriesOf(200, 'another'));
      const second = await fit(train);
      expect(second.serialise().checksum).toBe(first.serialise().checksum);
      expect(second.predict(testInput, test.rows)).toEqual(first.predict(testInput, test.rows));
    });

    it('does not depend on how much of its random stream was used before', async () => {
      const random = createRandom(11);
      random.next();
      const used = await estimator.fit(train, params, { random });
      expect(used.serialise().checksum).toBe((await fit(train)).serialise().checksum);
    });

    it('is equal for one and two threads', async () => {
      const one = await fit(train, { threads: 1 });
      const two = await fit(train, { threads: 2 });
      expect(two.serialise().checksum).toBe(one.serialise().checksum);
    });

    it('predicts probabilities, one row as in a batch, into the array it is given', async () => {
      const model = await fit(train);
      const batch = model.predict(testInput, test.rows);
      expect(batch.every((value) => value >= 0 && value <= 1)).toBe(true);
      const out = new Float64Array(1);
      for (const row of [0, 7, 8, 63, 64, test.rows - 1]) {
        expect(model.predict(testInput.slice(row * inputWidth, (row + 1) * inputWidth), 1, out)).toBe(out);
        expect(out[0]).toBe(batch[row]);
      }
    });

    it('comes back from one buffer with equal predictions', async () => {
      const model = await fit(train);
      const loaded = await loadModel(decodeModel(encodeModel(model.serialise())));
      expect(loaded.kind).toBe(estimator.kind);
      expect(loaded.featureNames).toEqual(train.featureNames);
      expect(loaded.predict(testInput, test.rows)).toEqual(model.predict(testInput, test.rows));
      expect(loaded.window ?? 1).toBe(window);
      expect(loaded.serialise().checksum).toBe(model.serialise().checksum);
      model.dispose();
      model.dispose();
    });

    it('copes with missing values in training and prediction', async () => {
      const heldOut = holed(300, 'test');
      const input = inputOf(heldOut).slice();
      input.fill(NaN, 0, inputWidth);
      const predicted = (await fit(holed(400, 'train'))).predict(input, heldOut.rows);
      expect(predicted.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(areaUnderCurve(predicted, heldOut.y)).toBeGreaterThan(options.aucMin - 0.12);
    });

    it('copes with infinite values, constant columns and columns without a value', async () => {
      const spoiled = seriesOf(400, 'train', (x) => {
        for (let at = 0; at < x.length; at += WIDTH) {
          x[at + 3] = 7;
          x[at + 4] = NaN;
        }
        x[inputWidth - 1] = Infinity;
        x[inputWidth + WIDTH - 1] = -Infinity;
      });
      expect(areaUnderCurve(await scores(spoiled), test.y)).toBeGreaterThan(options.aucMin);
    });

    it('learns only the prior from columns that are all constant', async () => {
      const predicted = await scores(seriesOf(400, 'train', (x) => x.fill(3)));
      expect(new Set(predicted).size).toBe(1);
      expect(Math.abs(predicted[0]! - 0.5)).toBeLessThanOrEqual(options.priorWithin ?? 0.2);
    });

    it.each([0, 1])('learns from one class alone (%i)', async (label) => {
      const predicted = await scores({ ...train, y: new Float64Array(train.rows).fill(label) });
      expect(predicted.every((value) => Math.abs(value - label) < 0.5)).toBe(true);
    });

    it('learns from two rows and from one', async () => {
      for (const rows of [2, 1]) {
        const predicted = await scores(
          takeRows(
            train,
            Int32Array.from({ length: rows }, (_, row) => row),
          ),
        );
        expect(predicted.every((value) => value >= 0 && value <= 1)).toBe(true);
      }
    });

    it('refuses a wrong width, wrong labels and a short output array', async () => {
      const model = await fit(train);
      expect(() => model.predict(new Float64Array(inputWidth + 1), 1)).toThrow(
        new RegExp(`trained on 6 features.*got ${inputWidth + 1}`),
      );
      expect(() => model.predict(testInput, test.rows, new Float64Array(3))).toThrow(/holds 3 values/);
      await expect(fit({ ...train, y: new Float64Array(train.rows).fill(2) })).rejects.toThrow(/label of row 0 is 2/);
      await expect(fit({ ...train, x: train.x.slice(1) })).rejects.toThrow(/needs 2400 values/);
      await expect(fit(takeRows(train, new Int32Array(0)))).rejects.toThrow(/nothing to learn from/);
    });

    it('refuses an altered file, another version and a body that does not fit', async () => {
      const sealed = (await fit(train)).serialise();
      await expect(loadModel({ ...sealed, featureNames: [...sealed.featureNames].reverse() })).rejects.toThrow(
        /altered/,
      );
      const versioned = sealModel({ ...sealed, formatVersion: 99 });
      await expect(loadModel(versioned)).rejects.toThrow(/format version 99/);
      await expect(loadModel(sealModel({ ...sealed, body: {} }))).rejects.toThrow(/body\./);
      const fewer = sealModel({ ...sealed, featureNames: sealed.featureNames.slice(1) });
      await expect(loadModel(fewer)).rejects.toThrow(/model/);
      const bytes = encodeModel(sealed);
      expect(() => decodeModel(bytes.subarray(0, bytes.length - 1))).toThrow(/header|weights/);
      if (sealed.weights !== null) {
        bytes[bytes.length - 3]! ^= 1;
        await expect(loadModel(decodeModel(bytes))).rejects.toThrow(/altered/);
      }
    });

    it('refuses unknown parameters', () => {
      expect(estimator.params.safeParse({ ...options.quick, surprise: 1 }).success).toBe(false);
      expect(estimator.params.safeParse(options.least ?? {}).success).toBe(true);
    });

    it('stops with the reason when aborted, before and during a fit', async () => {
      const reason = new Error('cancelled by a test');
      await expect(fit(train, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      const controller = new AbortController();
      const running = fit(train, { signal: controller.signal, onProgress: () => controller.abort(reason) });
      await expect(running).rejects.toBe(reason);
    });

    it('reports progress that rises to 1', async () => {
      const seen: number[] = [];
      await fit(train, { onProgress: (fraction) => seen.push(fraction) });
      expect(seen.at(-1)).toBeLessThanOrEqual(1);
      expect(seen.length).toBeGreaterThan(0);
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    });
  });
}

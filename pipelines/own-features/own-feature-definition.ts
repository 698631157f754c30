import type { Bar, BarColumns } from '../../features/bar.ts';
import { REGISTERED_SETS } from '../../features/expressions/registered-sets.ts';
import type { BarFeature, BarKernel, Parameter } from '../../features/kernel.ts';
import { FEATURES } from '../../features/registry.ts';
import { SERIES_NAMES } from '../../features/series.ts';
import { InputError } from '../../infra/errors.ts';
import { evaluateOwnFile } from '../../infra/own-files/evaluate-own-file.ts';
import { BAR_NUMBERS } from '../../infra/own-files/own-call-request.ts';
import { OwnCalls } from '../../infra/own-files/own-calls.ts';
import type { OwnFeature } from '../../infra/own-files/own-feature.ts';
import type { BoundedParameter, CompiledOwnFile } from '../../infra/own-files/own-file.ts';
import { ownParameters } from '../../infra/own-files/own-parameters.ts';

/** Bars of one question to the file's thread: each has a deadline of its own. */
const STRETCH = 16_384;
const WARM_UP_MAX = 100_000;
const UNBOUNDED = 1e12;

/** Hex digits of the file's hash that fit into a number exactly. */
const VERSION_DIGITS = 12;

type Numbers = readonly number[];

/** Puts a bar's numbers at a place. */
function putBar(numbers: Float64Array, at: number, bar: Bar): void {
  const { openTimeMs, closeTimeMs, open, high, low, close, volume } = bar;
  numbers.set([openTimeMs, closeTimeMs, open, high, low, close, volume], at);
}

function numbersOf(bars: BarColumns, from: number, to: number): Float64Array {
  const columns = [bars.openTimeMs, bars.closeTimeMs, bars.open, bars.high, bars.low, bars.close, bars.volume];
  const numbers = new Float64Array((to - from) * BAR_NUMBERS);
  columns.forEach((column, field) => {
    for (let bar = from; bar < to; bar++) numbers[(bar - from) * BAR_NUMBERS + field] = column[bar]!;
  });
  return numbers;
}

/** A user's feature, asked in a thread of its own. */
class AskedFeature {
  readonly #calls: OwnCalls;
  readonly #names: readonly string[];
  readonly #warmUps = new Map<string, number>();

  constructor(code: CompiledOwnFile, names: readonly string[]) {
    this.#calls = new OwnCalls(code);
    this.#names = names;
  }

  /** @throws InputError where it is no number of bars */
  warmUpBars(numbers: Numbers): number {
    const key = numbers.join();
    const known = this.#warmUps.get(key);
    if (known !== undefined) return known;
    const answer = this.#calls.call('warmUpBars', this.#parameters(numbers));
    if ('threw' in answer) throw new InputError(answer.threw, 'Correct the file.');
    const bars = answer.value;
    if (!Number.isSafeInteger(bars) || (bars as number) < 0 || (bars as number) > WARM_UP_MAX) {
      throw new InputError(
        `${this.#calls.compiled.path}: warmUpBars answered ${String(bars)}`,
        `Answer a whole number of bars from 0 to ${WARM_UP_MAX}.`,
      );
    }
    this.#warmUps.set(key, bars as number);
    return bars as number;
  }

  /** @throws InputError with the place where the file throws, looks outside its window, or gives no finite number. */
  values(numbers: Numbers, bars: Float64Array, from: number): Float64Array {
    const warmUpBars = this.warmUpBars(numbers);
    const answer = this.#calls.column({ numbers: bars, from, warmUpBars, parameters: this.#parameters(numbers) });
    if ('threw' in answer) throw new InputError(answer.threw, 'Correct the file.');
    return answer.value as Float64Array;
  }

  #parameters(numbers: Numbers): Record<string, number> {
    return Object.fromEntries(this.#names.map((name, at) => [name, numbers[at]!]));
  }
}

/** The same in a stream: it remembers the bars of its window. */
class OwnKernel implements BarKernel {
  readonly window: Float64Array;
  seen = 0;
  readonly #asked: AskedFeature;
  readonly #numbers: Numbers;

  constructor(asked: AskedFeature, numbers: Numbers) {
    this.#asked = asked;
    this.#numbers = numbers;
    this.window = new Float64Array((asked.warmUpBars(numbers) + 1) * BAR_NUMBERS);
  }

  next(bar: Bar): number {
    const { window } = this;
    const places = window.length / BAR_NUMBERS;
    window.copyWithin(0, BAR_NUMBERS);
    putBar(window, window.length - BAR_NUMBERS, bar);
    this.seen = Math.min(places, this.seen + 1);
    return this.seen < places ? NaN : this.#asked.values(this.#numbers, window, places - 1)[0]!;
  }
}

/** The feature of a compiled file as expressions name it. InputError for a name or a parameter that cannot be. */
export function ownFeatureDefinition(code: CompiledOwnFile): BarFeature {
  const own = evaluateOwnFile(code) as OwnFeature;
  const { name } = own;
  requireName(code.path, name);
  ownParameters(code.name, own, {});
  const parameters = Object.entries(own.parameters).map(([parameter, told]) => parameterOf(code, parameter, told));
  const names = parameters.map((one) => one.name);
  const asked = new AskedFeature(code, names);
  return {
    name,
    version: Number.parseInt(code.hash.slice(0, VERSION_DIGITS), 16),
    source: `${code.path}, ${code.hash.slice(0, VERSION_DIGITS)}`,
    inputs: 'bar',
    parameters,
    warmUp: (numbers) => asked.warmUpBars(numbers),
    create: (numbers) => new OwnKernel(asked, numbers),
    batch: (numbers, bars, [column]) => {
      const reach = asked.warmUpBars(numbers);
      column!.fill(NaN, 0, Math.min(reach, bars.length));
      for (let from = reach; from < bars.length; from += STRETCH) {
        const to = Math.min(bars.length, from + STRETCH);
        column!.set(asked.values(numbers, numbersOf(bars, from - reach, to), reach), from);
      }
    },
  };
}

function requireName(path: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || !/^[a-z][a-z0-9]*$/.test(name)) {
    throw new InputError(`${path}: name: ${String(name)} is no name`, 'Use small letters and digits.');
  }
  if (!FEATURES.has(name) && !REGISTERED_SETS.has(name) && !SERIES_NAMES.some((series) => series === name)) return;
  throw new InputError(`${path}: name: ${name} is shipped already`, 'Give the feature a name of its own.');
}

function parameterOf({ path }: CompiledOwnFile, name: string, told: number | BoundedParameter<number>): Parameter {
  const {
    default: fallback,
    min = -UNBOUNDED,
    max = UNBOUNDED,
    whole = false,
  } = typeof told === 'object' ? told : { default: told };
  if (typeof fallback === 'number') return { name, fallback, min, max, integer: whole };
  throw new InputError(`${path}: parameters.${name}: a feature takes numbers alone`, 'Give it a number.');
}

import { InputError } from '../../../infra/errors.ts';

/** Simple returns of bars, one row a bar (the oldest first) and one column a symbol. */
export interface Returns {
  readonly rows: number;
  readonly names: readonly string[];
  /** `rows * names.length` fractions, row by row. */
  readonly values: Float64Array;
}

/** Returns of rows of numbers. InputError for a row of another length than there are names. */
export function returnsOf(names: readonly string[], rows: readonly ArrayLike<number>[]): Returns {
  const values = new Float64Array(rows.length * names.length);
  rows.forEach((row, at) => {
    if (row.length !== names.length) {
      throw new InputError(
        `row ${at + 1} of the returns has ${row.length} numbers, and there are ${names.length} symbols`,
        'Give one return for each symbol.',
      );
    }
    values.set(row, at * names.length);
  });
  return { rows: rows.length, names, values };
}

/**
 * Simple returns of closes: one column of equal length a symbol, the oldest first.
 * @throws InputError naming a symbol with a close that is no price, or with another number of closes
 */
export function returnsOfCloses(names: readonly string[], closes: readonly ArrayLike<number>[]): Returns {
  const bars = closes[0]?.length ?? 0;
  const rows = Math.max(0, bars - 1);
  const values = new Float64Array(rows * names.length);
  names.forEach((name, column) => {
    const own = closes[column] ?? [];
    if (own.length !== bars) {
      throw new InputError(`${name} has ${own.length} closes, and ${names[0]} has ${bars}`, 'Give equal numbers.');
    }
    for (let bar = 0; bar < bars; bar++) {
      if (!(own[bar]! > 0 && own[bar]! < Infinity)) {
        throw new InputError(`${name}: close ${bar + 1} is ${own[bar]}, which is no price`, 'Correct or drop the bar.');
      }
      if (bar > 0) values[(bar - 1) * names.length + column] = own[bar]! / own[bar - 1]! - 1;
    }
  });
  return { rows, names, values };
}

/** The mean of each column. */
export function meansOf({ rows, names, values }: Returns): Float64Array {
  const means = new Float64Array(names.length);
  for (let i = 0; i < values.length; i++) means[i % names.length]! += values[i]!;
  return means.map((sum) => sum / rows);
}

/** The returns less the mean of each column. */
export function centred(returns: Returns): Returns {
  const means = meansOf(returns);
  return { ...returns, values: returns.values.map((value, i) => value - means[i % means.length]!) };
}

/**
 * What every estimate of a covariance asks of returns: two rows, a column, finite numbers, and no symbol that stands
 * still. @throws InputError naming the symbol and what to do
 */
export function requireReturns(returns: Returns): void {
  const { rows, names, values } = returns;
  const width = names.length;
  if (width === 0) throw new InputError('a covariance needs a symbol', 'Give returns of at least one.');
  if (rows < 2) {
    throw new InputError(`a covariance needs 2 rows of returns, and there are ${rows}`, 'Give more bars.');
  }
  if (values.length !== rows * width) {
    throw new InputError(`${rows} rows of ${width} symbols are not ${values.length} returns`, 'Give one of each.');
  }
  names.forEach((name, column) => {
    for (let row = 0; row < rows; row++) {
      const value = values[row * width + column]!;
      if (!Number.isFinite(value)) {
        throw new InputError(`${name}: return ${row + 1} is ${value}`, 'Correct or drop the bar.');
      }
    }
    if (!varies(returns, column)) {
      throw new InputError(
        `${name} has the same return in all ${rows} rows: it has no risk to measure`,
        'Leave it out.',
      );
    }
  });
}

/** A column whose returns are not all the same: one without risk has no covariance. */
export function varies({ rows, names, values }: Returns, column: number): boolean {
  for (let row = 1; row < rows; row++) {
    if (values[row * names.length + column] !== values[column]) return true;
  }
  return false;
}

/** The columns at `places`, in that order. */
export function columnsOf({ rows, names, values }: Returns, places: readonly number[]): Returns {
  const width = places.length;
  const chosen = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    places.forEach((place, column) => (chosen[row * width + column] = values[row * names.length + place]!));
  }
  return { rows, names: places.map((place) => names[place]!), values: chosen };
}

import { f64, f64x2, i32, i32x4, localAt, repeatWhile, v128, when } from '../../../features/wasm/instructions.ts';
import type { Code, Local } from '../../../features/wasm/instructions.ts';
import type { Routine } from '../../../features/wasm/routine.ts';

/** Bytes of a pair of features: lowest cuts, cells per unit, addresses of their first cuts. */
export const PAIR_BYTES = 48;
export const PAIR = { low: 0, scale: 16, cuts: 32 } as const;

/** Where the routine finds rows and tables, and where it puts bins. */
export interface BinPlaces {
  /** Row-major doubles. */
  readonly x: number;
  readonly pairs: number;
  /** The first bin of each cell, a byte; `cellsPerFeature` of them for each feature. */
  readonly cells: number;
  readonly cellsPerFeature: number;
  /** Columns of so many bytes, two for each feature. */
  readonly block: number;
  readonly columnBytes: number;
}

const INTEGERS = ['rows', 'rowBytes', 'x', 'end', 'pair', 'column', 'cells', 'first0', 'first1', 'cut'] as const;
const VECTORS = ['values', 'cell', 'low', 'scale'] as const;
type Name = (typeof INTEGERS)[number] | 'value' | (typeof VECTORS)[number];
type Locals = Readonly<Record<Name, Local>>;

/** Both columns of a feature; `missing` is what the second gets. */
function storeBin({ column }: Locals, places: BinPlaces, lane: 0 | 1, [bin, missing]: readonly [Code, Code]): Code {
  const at = places.block + 2 * lane * places.columnBytes;
  return [i32.store8(column.get, bin, at), i32.store8(column.get, missing, at + places.columnBytes)];
}

/** The bin of one of the two values, by the first bin of its cell and a short walk. */
function binLane(locals: Locals, places: BinPlaces, lane: 0 | 1): Code {
  const { cells, cut, value, values, cell } = locals;
  const first = locals[`first${lane}`];
  const beyond = f64.greater(value.get, f64.load(cut.get));
  const cellAt = i32.add(cells.get, i32x4.lane(cell.get, lane));
  const start = i32.load8u(cellAt, places.cells + lane * places.cellsPerFeature);
  const bin = i32.sub(i32.shrUnsigned(i32.sub(cut.get, first.get), i32.of(3)), i32.of(127));
  return [
    value.set(f64x2.lane(values.get, lane)),
    cut.set(i32.add(first.get, i32.shl(start, i32.of(3)))),
    // The first step without a branch: a quarter of the cells hold a cut, and whether it is passed cannot be foreseen.
    cut.set(i32.add(cut.get, i32.shl(beyond, i32.of(3)))),
    when(beyond, repeatWhile(beyond, cut.set(i32.add(cut.get, i32.of(8))))),
    storeBin(locals, places, lane, [bin, bin]),
  ];
}

/** Two values of a row; missing ones, which are rare, are seen to afterwards. */
function binRow(locals: Locals, places: BinPlaces): Code {
  const { x, rowBytes, column, values, cell, low, scale } = locals;
  const missing = (lane: 0 | 1): Code => {
    const one = f64x2.lane(values.get, lane);
    return when(f64.notEqual(one, one), storeBin(locals, places, lane, [i32.of(128), i32.of(127)]));
  };
  const inCells = f64x2.mul(f64x2.sub(values.get, low.get), scale.get);
  // In this order NaN becomes 0.
  const clamped = f64x2.lower(f64x2.of(places.cellsPerFeature - 1), f64x2.higher(f64x2.of(0), inCells));
  return [
    values.set(v128.load(x.get, places.x)),
    cell.set(i32x4.ofF64(clamped)),
    binLane(locals, places, 0),
    binLane(locals, places, 1),
    when(v128.any(f64x2.notEqual(values.get, values.get)), [missing(0), missing(1)]),
    column.set(i32.add(column.get, i32.of(1))),
    x.set(i32.add(x.get, rowBytes.get)),
  ];
}

/**
 * Bins rows, two features at a time, into the columns of a block: as `Binner.binRow`, but each less 128. Parameters:
 * rows, bytes of a row of `x`. An odd number of features needs a further one of no cuts.
 */
export function binRoutine(places: BinPlaces): Routine {
  const names: readonly Name[] = [...INTEGERS, 'value', ...VECTORS];
  const locals = Object.fromEntries(names.map((name, index) => [name, localAt(index)])) as Locals;
  const { rows, rowBytes, x, end, pair, column, cells, low, scale, first0, first1 } = locals;
  const pairOfFeatures: Code = [
    low.set(v128.load(pair.get, places.pairs + PAIR.low)),
    scale.set(v128.load(pair.get, places.pairs + PAIR.scale)),
    first0.set(i32.load(pair.get, places.pairs + PAIR.cuts)),
    first1.set(i32.load(pair.get, places.pairs + PAIR.cuts + 4)),
    end.set(i32.add(column.get, rows.get)),
    repeatWhile(i32.lessUnsigned(column.get, end.get), binRow(locals, places)),
    // Back to the first row, on to the next two features: 16 bytes of it, four columns, one record.
    x.set(i32.add(i32.sub(x.get, i32.mul(rows.get, rowBytes.get)), i32.of(16))),
    column.set(i32.add(i32.sub(column.get, rows.get), i32.of(4 * places.columnBytes))),
    cells.set(i32.add(cells.get, i32.of(2 * places.cellsPerFeature))),
    pair.set(i32.add(pair.get, i32.of(PAIR_BYTES))),
  ];
  return {
    parameters: ['i32', 'i32'],
    locals: [...INTEGERS.slice(2).map(() => 'i32' as const), 'f64', ...VECTORS.map(() => 'v128' as const)],
    body: repeatWhile(i32.lessUnsigned(x.get, rowBytes.get), pairOfFeatures),
  };
}

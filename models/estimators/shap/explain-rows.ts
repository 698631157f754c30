import { Binner } from '../trees/feature-bins.ts';
import type { FeatureBins } from '../trees/feature-bins.ts';
import { PatternBlock } from './pattern-block.ts';
import type { PatternProgram } from './pattern-program.ts';
import { RowBlock } from './row-block.ts';
import type { TreeProgram } from './tree-program.ts';

/** Compiled trees: tables of patterns where they are shallow, else nodes to walk. */
export type CompiledTrees =
  | { readonly kind: 'patterns'; readonly patterns: PatternProgram }
  | { readonly kind: 'walks'; readonly walks: readonly TreeProgram[] };

/** Rows that are explained together, a stretch of `size` for each column of `bins` and each feature of `values`. */
interface Block {
  readonly size: number;
  readonly bins: Uint8Array;
  readonly values: Float64Array;
  rows: number;
}

/** Rows to explain against compiled trees: plain data over shared memory. */
export interface ExplainJob {
  readonly bins: FeatureBins;
  readonly programs: CompiledTrees;
  /** Row-major rows. */
  readonly x: Float64Array;
  readonly rows: number;
  /** Row-major values, added to. */
  readonly values: Float64Array;
  /** Shared by the threads: [next row nobody has taken, 1 when the work was given up]. */
  readonly control: Int32Array;
}

/** Takes a block of rows at a time until none are left. What a row is given does not depend on who takes it. */
export function explainRows(job: ExplainJob): void {
  const { bins, programs } = job;
  if (programs.kind === 'patterns') {
    const block = new PatternBlock(bins.width);
    explainBlocks(job, block, () => block.add(programs.patterns));
    return;
  }
  const block = new RowBlock(bins.width);
  explainBlocks(job, block, () => programs.walks.forEach((program) => block.add(program)));
}

function explainBlocks({ bins, x, rows, values, control }: ExplainJob, block: Block, explain: () => void): void {
  const { width } = bins;
  const { size } = block;
  const binner = new Binner(bins);
  const row = new Uint8Array(2 * width);
  for (
    let from = Atomics.add(control, 0, size);
    from < rows && Atomics.load(control, 1) === 0;
    from = Atomics.add(control, 0, size)
  ) {
    block.rows = Math.min(size, rows - from);
    for (let i = 0; i < block.rows; i++) {
      binner.binRow(x, (from + i) * width, row, 0);
      for (let column = 0; column < 2 * width; column++) block.bins[column * size + i] = row[column]!;
    }
    block.values.fill(0);
    explain();
    for (let i = 0; i < block.rows; i++) {
      const at = (from + i) * width;
      for (let feature = 0; feature < width; feature++) values[at + feature]! += block.values[feature * size + i]!;
    }
  }
}

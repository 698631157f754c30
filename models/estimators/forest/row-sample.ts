import { createRandom } from '../../../infra/random.ts';
import type { Random } from '../../../infra/random.ts';
import { ALL_ROWS, hashBelow, rowHash } from '../trees/row-hash.ts';
import type { ForestPlan } from './forest-plan.ts';

const ALL = ALL_ROWS;

/** The random stream of a tree, the same whichever thread grows it. */
export const treeRandom = (plan: Pick<ForestPlan, 'seed'>, tree: number): Random =>
  createRandom(`${plan.seed}/tree-${tree}`);

/**
 * Writes how often each row is drawn for a tree: so many draws with replacement, or each row once with the chance
 * `rowFraction`; every row once where none would be left.
 */
export function drawRows(
  plan: Pick<ForestPlan, 'rows' | 'rowFraction' | 'bootstrap'>,
  random: Random,
  draws: Uint8Array,
): void {
  const { rows, rowFraction } = plan;
  if (plan.bootstrap) {
    draws.fill(0);
    const drawn = Math.max(1, Math.round(rowFraction * rows));
    for (let i = 0; i < drawn; i++) draws[random.integer(rows)]!++;
    return;
  }
  const below = hashBelow(rowFraction);
  const seed = random.integer(2 ** 31);
  if (below === ALL) {
    draws.fill(1);
    return;
  }
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const isDrawn = +(rowHash(seed, row) >>> 0 < below);
    draws[row] = isDrawn;
    count = (count + isDrawn) | 0;
  }
  if (count === 0) draws.fill(1);
}

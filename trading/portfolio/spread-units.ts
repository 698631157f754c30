import type { Grid } from '../grid.ts';

/**
 * Shares `quantity`, signed, among holders of `held` units each: those of the side that it closes give in proportion,
 * in whole lots. What nobody can give goes to the last.
 */
export function spreadUnits(quantity: number, held: readonly number[], lots: Grid): number[] {
  const side = quantity < 0 ? -1 : 1;
  const size = Math.abs(quantity);
  const can = held.map((units) => (units * side < 0 ? Math.abs(units) : 0));
  const all = can.reduce((sum, units) => sum + units, 0);
  const closed = Math.min(size, all);
  const given = can.map((units) => (all === 0 ? 0 : lots.floor((units / all) * closed)));
  let left = lots.nearest(closed - given.reduce((sum, units) => sum + units, 0));
  for (let at = 0; at < can.length && left > 0; at++) {
    const more = lots.nearest(Math.min(left, can[at]! - given[at]!));
    given[at] = lots.nearest(given[at]! + more);
    left = lots.nearest(left - more);
  }
  given[given.length - 1]! += lots.nearest(size - closed);
  return given.map((units) => lots.nearest(side * units) + 0);
}

/**
 * Whole lots near to `exact` units each, signed, that sum up to `total`: those that lose most get what is left.
 * @throws RangeError for units that are no number
 */
export function residueOf(exact: readonly number[], total: number, lots: Grid): number[] {
  const whole = exact.map((units) => (units < 0 ? -1 : 1) * lots.floor(Math.abs(units)));
  const left = lots.nearest(total - whole.reduce((sum, units) => sum + units, 0));
  if (!Number.isFinite(left)) throw new RangeError(`${exact.join(' + ')} units cannot be brought to ${total}`);
  const lost = exact.map((units, at) => (units - whole[at]!) * Math.sign(left));
  const order = exact.map((_, at) => at).sort((a, b) => lost[b]! - lost[a]! || a - b);
  const count = Math.round(Math.abs(left) / lots.step);
  const each = Math.floor(count / exact.length);
  order.forEach((at, rank) => {
    const more = each + (rank < count - each * exact.length ? 1 : 0);
    whole[at] = lots.nearest(whole[at]! + Math.sign(left) * lots.at(more));
  });
  return whole.map((units) => units + 0);
}

/**
 * A 32-bit mix of seed and row: chance that does not depend on which thread meets a row first. Signed; `>>> 0` for 0 to
 * 2^32 - 1.
 */
export function rowHash(seed: number, row: number): number {
  let bits = Math.imul(row ^ seed, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** Draws every row: see `rowHash`. */
export const ALL_ROWS = 4294967296;

/** The number below which the hash of a row lies with chance `fraction`. */
export const hashBelow = (fraction: number): number => (fraction < 1 ? Math.round(fraction * ALL_ROWS) : ALL_ROWS);

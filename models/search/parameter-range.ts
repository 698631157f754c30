import type { ParameterRange, Parameters, ParameterValue, SearchSettings } from './search-schema.ts';

/**
 * The value at position `u`, 0 to 1, of a range. Every position gives a value; a choice and an int cut the unit into
 * equal parts.
 */
export function valueAt(range: ParameterRange, u: number): ParameterValue {
  if (range.int !== undefined) {
    const [low, high] = range.int;
    return Math.min(high, low + Math.floor(u * (high - low + 1)));
  }
  if (range.float !== undefined) return range.float[0] + u * (range.float[1] - range.float[0]);
  if (range.log !== undefined) {
    const [low, high] = range.log.map(Math.log) as [number, number];
    return Math.exp(low + u * (high - low));
  }
  const values = range.choice!;
  return values[Math.min(values.length - 1, Math.floor(u * values.length))]!;
}

/** A position that gives `value`: the middle of its part for ints and choices. */
export function positionOf(range: ParameterRange, value: ParameterValue): number {
  if (range.int !== undefined) {
    const [low, high] = range.int;
    return (Number(value) - low + 0.5) / (high - low + 1);
  }
  if (range.float !== undefined) return (Number(value) - range.float[0]) / (range.float[1] - range.float[0]);
  if (range.log !== undefined) {
    const [low, high] = range.log.map(Math.log) as [number, number];
    return (Math.log(Number(value)) - low) / (high - low);
  }
  return (range.choice!.indexOf(value) + 0.5) / range.choice!.length;
}

/** Values whose validity stands for the whole range: both ends, or every choice. */
export function extremes(range: ParameterRange): readonly ParameterValue[] {
  return range.int ?? range.float ?? range.log ?? range.choice!;
}

/**
 * One value per address, each address at its own position. Addresses in the order of their text: the order of a file
 * must not matter.
 */
export function valuesAt(space: SearchSettings['space'], position: (address: string) => number): Parameters {
  const addresses = Object.keys(space).sort();
  return Object.fromEntries(addresses.map((address) => [address, valueAt(space[address]!, position(address))]));
}

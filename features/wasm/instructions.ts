/**
 * WebAssembly instructions as functions over code: `f64x2.add(v128.load(p), v128.load(q))` is the code that leaves that
 * sum on the stack. Encodings are those of the WebAssembly specification, binary format, section 5.4. Addresses are
 * bytes.
 *
 * Why WebAssembly: the ten indicators of the benchmark take 62 ns a bar with it and 94 in plain JavaScript, where
 * TA-Lib's C takes 69 in the same run. Two bars share an instruction, no index is checked, and each value is computed
 * in the order of its kernel, to the bit.
 */
export type Code = number | readonly Code[];

/** Type of a value, by its byte in the binary format. */
export const VALUE_TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const;
export type ValueType = keyof typeof VALUE_TYPES;

/** Unsigned LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return [...bytes, rest];
}

/** Signed LEB128. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest < -0x40 || rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  return [...bytes, rest & 0x7f];
}

/** A parameter or local variable of a routine. */
export interface Local {
  readonly get: Code;
  set(value: Code): Code;
}

export function localAt(index: number): Local {
  return { get: [0x20, unsigned(index)], set: (value) => [value, 0x21, unsigned(index)] };
}

const of =
  (...opcode: readonly Code[]) =>
  (...operands: readonly Code[]): Code => [operands, opcode];
const vector = (opcode: number) => of(0xfd, unsigned(opcode));
/** No alignment is promised; the offset is added to the address. */
const loads =
  (...opcode: readonly Code[]) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, unsigned(offset)];
const stores =
  (...opcode: readonly Code[]) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, unsigned(offset)];
const lane =
  (opcode: number) =>
  (code: Code, index: number): Code => [code, 0xfd, unsigned(opcode), index];

export const i32 = {
  of: (value: number): Code => [0x41, signed(value)],
  load: loads(0x28),
  load8s: loads(0x2c),
  load8u: loads(0x2d),
  load16u: loads(0x2f),
  store8: stores(0x3a),
  lessThan: of(0x48),
  lessUnsigned: of(0x49),
  add: of(0x6a),
  sub: of(0x6b),
  mul: of(0x6c),
  and: of(0x71),
  shl: of(0x74),
  shrUnsigned: of(0x76),
  signOfByte: of(0xc0),
};

export const f64 = {
  of: (value: number): Code => [0x44, [...new Uint8Array(new Float64Array([value]).buffer)]],
  load: loads(0x2b),
  loadF32: loads(0x2a),
  store: stores(0x39),
  notEqual: of(0x62),
  greater: of(0x64),
  add: of(0xa0),
  ofF32: of(0xbb),
};

export const v128 = {
  load: loads(0xfd, 0x00),
  load8Splat: loads(0xfd, 0x07),
  /** One double into both places. */
  load64Splat: loads(0xfd, 0x0a),
  store: stores(0xfd, 0x0b),
  and: vector(0x4e),
  /** Bits of the first operand where the third has ones, else of the second. */
  select: vector(0x52),
  /** 1 where any bit is set. */
  any: vector(0x53),
};

/** Two doubles at a time; comparisons give all bits or none in each. */
export const f64x2 = {
  /** The same number in both. */
  of: (value: number): Code => [f64.of(value), 0xfd, 0x14],
  splat: vector(0x14),
  lane: lane(0x21),
  notEqual: vector(0x48),
  lessThan: vector(0x49),
  greater: vector(0x4a),
  abs: vector(0xec),
  sqrt: vector(0xef),
  add: vector(0xf0),
  sub: vector(0xf1),
  mul: vector(0xf2),
  div: vector(0xf3),
  /** The second where it is less than the first, else the first. */
  lower: vector(0xf6),
  /** The second where it is more than the first, else the first. */
  higher: vector(0xf7),
};

export const i32x4 = {
  lane: lane(0x1b),
  /** Two doubles towards zero, and two zeros. */
  ofF64: vector(0xfc),
};

export const i8x16 = { swizzle: vector(0x0e), greater: vector(0x27), negate: vector(0x61), add: vector(0x6e) };

/** The first eight bytes of two vectors in turn, or the last eight. */
export const interleave = (low: Code, high: Code, from: 0 | 8): Code => [
  low,
  high,
  [0xfd, 0x0d],
  Array.from({ length: 16 }, (_, byte) => from + (byte >> 1) + 16 * (byte & 1)),
];

const loadLow = loads(0xfd, 0x5d);
const loadLane = (address: Code, into: Code, index: 0 | 1): Code => [address, into, [0xfd, 0x57, 0, 0], index];
const storeLane = (address: Code, value: Code, index: 0 | 1): Code => [address, value, [0xfd, 0x5b, 0, 0], index];

/** The double at `first` and that at `second`. */
export const gather = (first: Code, second: Code): Code => loadLane(second, loadLow(first), 1);
/** The first of the two into `first`, the second into `second`. */
export const scatter = (value: Code, first: Code, second: Code): Code => [
  storeLane(first, value, 0),
  storeLane(second, value, 1),
];

/** Adds so many bytes to each address. */
export const advance = (addresses: readonly Local[], bytes: number): Code =>
  addresses.map((address) => address.set(i32.add(address.get, i32.of(bytes))));

export const when = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, 0x0b];
/** The body once, and again while the condition holds. */
export const repeatWhile = (condition: Code, body: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0x00, 0x0b];
/** The body while the condition holds, perhaps never. */
export const loopWhile = (condition: Code, body: Code): Code => when(condition, repeatWhile(condition, body));

/** What is used here of WebAssembly, which is not part of the language's own library of types. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
};

/** Instructions of WebAssembly as bytes (specification 5.4), nested as they are put together. */
export type Code = number | readonly Code[];
export type ValueType = 'i32' | 'f64' | 'v128';

const TYPE_BYTES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

/** Appends the bytes of code. */
function flatten(code: Code, into: number[]): number[] {
  if (typeof code === 'number') into.push(code);
  else for (const part of code) flatten(part, into);
  return into;
}

const flat = (code: Code): number[] => flatten(code, []);

/** A whole number in groups of seven bits; `sign` leaves room for the sign of a constant. */
function leb(value: number, sign = 0): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80 >> sign; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

const operation =
  (...opcode: number[]) =>
  (...operands: readonly Code[]): Code => [operands, opcode];
const vector = (opcode: number) => operation(0xfd, ...leb(opcode));
const load =
  (...opcode: number[]) =>
  (address: Code, offset = 0): Code => [address, opcode, 0, leb(offset)];
const store =
  (...opcode: number[]) =>
  (address: Code, value: Code, offset = 0): Code => [address, value, opcode, 0, leb(offset)];

/** Constants are not negative. */
export const i32 = {
  of: (value: number): Code => [0x41, leb(value, 1)],
  load: load(0x28),
  load8s: load(0x2c),
  load8u: load(0x2d),
  load16u: load(0x2f),
  store8: store(0x3a),
  lessUnsigned: operation(0x49),
  add: operation(0x6a),
  sub: operation(0x6b),
  mul: operation(0x6c),
  and: operation(0x71),
  shl: operation(0x74),
  shrUnsigned: operation(0x76),
  signOfByte: operation(0xc0),
};

const f64Of = (value: number): Code => [0x44, [...new Uint8Array(new Float64Array([value]).buffer)]];

export const f64 = {
  load: load(0x2b),
  loadF32: load(0x2a),
  store: store(0x39),
  notEqual: operation(0x62),
  greater: operation(0x64),
  add: operation(0xa0),
  ofF32: operation(0xbb),
};

const lane =
  (opcode: number) =>
  (code: Code, index: number): Code => [code, 0xfd, opcode, index];

/** Two doubles at a time; comparisons give all bits or none in each. */
export const f64x2 = {
  /** The same number in both. */
  of: (value: number): Code => [f64Of(value), 0xfd, 0x14],
  lane: lane(0x21),
  notEqual: vector(0x48),
  sub: vector(0xf1),
  mul: vector(0xf2),
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

export const v128 = {
  load: load(0xfd, 0x00),
  load8Splat: load(0xfd, 0x07),
  store: store(0xfd, 0x0b),
  /** Bits of the first where the third has ones, else of the second. */
  select: vector(0x52),
  /** 1 where any bit is set. */
  any: vector(0x53),
};

export const i8x16 = { swizzle: vector(0x0e), greater: vector(0x27), negate: vector(0x61), add: vector(0x6e) };

/** The first eight bytes of two vectors in turn, or the last eight. */
export const interleave = (low: Code, high: Code, from: 0 | 8): Code => [
  low,
  high,
  [0xfd, 0x0d],
  Array.from({ length: 16 }, (_, lane) => from + (lane >> 1) + 16 * (lane & 1)),
];

/** A parameter or a local variable. */
export class Local {
  readonly get: Code;
  private readonly index: number;

  constructor(index: number) {
    this.index = index;
    this.get = [0x20, leb(index)];
  }

  set(value: Code): Code {
    return [value, 0x21, leb(this.index)];
  }
}

/** The body once, and again while the condition holds. */
export const repeatWhile = (body: Code, condition: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0x00, 0x0b];
export const when = (condition: Code, body: Code): Code => [condition, 0x04, 0x40, body, 0x0b];

/** A function of numbers over the memory. */
export interface Routine {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

const sized = (items: readonly Code[]): Code => [leb(items.length), items];
const withLength = (code: Code): Code => [leb(flat(code).length), code];
const section = (id: number, items: readonly Code[]): Code => [id, withLength(sized(items))];
const text = (ascii: string): Code => sized([...ascii].map((letter) => letter.charCodeAt(0)));

/** A module (specification 5.5) of an imported memory and routines. */
function encode(routines: readonly (readonly [string, Routine])[]): Uint8Array {
  const typeOf = ({ parameters }: Routine): Code => [0x60, sized(parameters.map((type) => TYPE_BYTES[type])), 0];
  const codeOf = ({ locals, body }: Routine): Code =>
    withLength([sized(locals.map((type) => [1, TYPE_BYTES[type]])), body, 0x0b]);
  const sections: Code = [
    section(
      1,
      routines.map(([, one]) => typeOf(one)),
    ),
    section(2, [[text('of'), text('memory'), 0x02, 0x00, leb(1)]]),
    section(
      3,
      routines.map((_, index) => leb(index)),
    ),
    section(
      7,
      routines.map(([name], index) => [text(name), 0x00, leb(index)]),
    ),
    section(
      10,
      routines.map(([, one]) => codeOf(one)),
    ),
  ];
  return Uint8Array.from(flat([[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], sections]));
}

/** Memory of so many bytes, zeros that take no room before they are written, and the routines over it. */
export function compile<Name extends string>(
  routines: Readonly<Record<Name, Routine>>,
  bytes: number,
): { buffer: ArrayBuffer; routines: Readonly<Record<Name, (...parameters: number[]) => void>> } {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) });
  const module = new WebAssembly.Module(encode(Object.entries<Routine>(routines)));
  const { exports } = new WebAssembly.Instance(module, { of: { memory } });
  return { buffer: memory.buffer, routines: exports as Record<Name, (...parameters: number[]) => void> };
}

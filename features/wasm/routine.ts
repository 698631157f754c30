import { localAt, unsigned, VALUE_TYPES } from './instructions.ts';
import type { Code, Local, ValueType } from './instructions.ts';

/** What this folder uses of WebAssembly, which is not part of the language's own library of types. */
declare const WebAssembly: {
  Memory: new (size: { initial: number }) => Memory;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
};

/** Memory of routines. */
export interface Memory {
  /** Another one after every growth. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A function of WebAssembly over a memory: names and types of its parameters and locals, and its code. */
export interface Routine {
  readonly parameters: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly body: Code;
}

/**
 * Describes a routine; `body` gets its parameters and locals by their names. Parameters are numbers, addresses in
 * bytes.
 */
export function routine<Name extends string>(
  parameters: Readonly<Partial<Record<Name, 'i32' | 'f64'>>>,
  locals: Readonly<Partial<Record<Name, ValueType>>>,
  body: (at: Readonly<Record<Name, Local>>) => Code,
): Routine {
  const names = [...Object.keys(parameters), ...Object.keys(locals)];
  const at = Object.fromEntries(names.map((name, index) => [name, localAt(index)]));
  return {
    parameters: Object.values<ValueType>(parameters as Record<string, ValueType>),
    locals: Object.values<ValueType>(locals as Record<string, ValueType>),
    body: body(at as Record<Name, Local>),
  };
}

const PAGE_BYTES = 65_536;

/** Memory of so many bytes, zeros that take no room before they are written. */
export function memoryOf(bytes: number): Memory {
  return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
}

const scratchMemory = memoryOf(PAGE_BYTES);

/** A stretch of the scratch memory. */
export interface Region {
  /** Its address in bytes. */
  readonly at: number;
  readonly values: Float64Array;
}

/**
 * Regions of the scratch memory of so many doubles each, with what the last user left in them, and two doubles of room
 * behind each: loops work on pairs. They are good until the next call of this function, which batch loops make once, at
 * their start.
 */
export function scratch<Name extends string>(lengths: Readonly<Record<Name, number>>): Readonly<Record<Name, Region>> {
  const all = Object.entries<number>(lengths);
  const missing = all.reduce((bytes, [, length]) => bytes + 8 * (length + 2), -scratchMemory.buffer.byteLength);
  if (missing > 0) scratchMemory.grow(Math.ceil(missing / PAGE_BYTES));
  let at = 0;
  const regions = all.map(([name, length]) => {
    const region = { at, values: new Float64Array(scratchMemory.buffer, at, length) };
    at += 8 * (length + 2);
    return [name, region];
  });
  return Object.fromEntries(regions) as Record<Name, Region>;
}

const sized = (items: readonly Code[]): Code => [unsigned(items.length), items];
const flat = (code: Code): number[] => (typeof code === 'number' ? [code] : code.flatMap(flat));
const withLength = (code: Code): Code => {
  const bytes = flat(code);
  return [unsigned(bytes.length), bytes];
};
const section = (id: number, items: readonly Code[]): Code => [id, withLength(sized(items))];
const text = (ascii: string): Code => sized([...ascii].map((letter) => letter.charCodeAt(0)));
const types = (values: readonly ValueType[]): Code => sized(values.map((value) => VALUE_TYPES[value]));

/** The binary format, WebAssembly specification 5.5: types, the imported memory, functions, exports, code. */
function encode(routines: Readonly<Record<string, Routine>>): Uint8Array {
  const all = Object.entries(routines);
  const signatures = all.map(([, { parameters }]) => [0x60, types(parameters), types([])]);
  const functions = all.map((_, index) => unsigned(index));
  const exported = all.map(([name], index) => [text(name), 0x00, unsigned(index)]);
  const bodies = all.map(([, { locals, body }]) =>
    withLength([sized(locals.map((type) => [1, VALUE_TYPES[type]])), body, 0x0b]),
  );
  const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  const imported = [[text('of'), text('memory'), 0x02, 0x00, unsigned(1)]];
  const sections = [section(1, signatures), section(2, imported), section(3, functions), section(7, exported)];
  return Uint8Array.from(flat([header, sections, section(10, bodies)]));
}

/**
 * Compiles routines over a memory, the scratch memory unless another is given; each is then called with its parameters
 * in their order. Takes about a third of a millisecond.
 */
export function compile<Name extends string>(
  routines: Readonly<Record<Name, Routine>>,
  memory: Memory = scratchMemory,
): Readonly<Record<Name, (...parameters: number[]) => void>> {
  const module = new WebAssembly.Module(encode(routines));
  return new WebAssembly.Instance(module, { of: { memory } }).exports as Record<
    Name,
    (...parameters: number[]) => void
  >;
}

import { InputError } from '../../../infra/errors.ts';

const DEPTH_MAX = 32;
const remedy = 'Save the model again, or copy the file again.';

/** Bytes of a number of each type, and how it is read: big endian. */
const NUMBERS: Readonly<Record<string, readonly [bytes: number, (view: DataView, at: number) => number]>> = {
  i: [1, (view, at) => view.getInt8(at)],
  U: [1, (view, at) => view.getUint8(at)],
  I: [2, (view, at) => view.getInt16(at)],
  l: [4, (view, at) => view.getInt32(at)],
  L: [8, (view, at) => Number(view.getBigInt64(at))],
  d: [4, (view, at) => view.getFloat32(at)],
  D: [8, (view, at) => view.getFloat64(at)],
};

/** Values of a file of Universal Binary JSON, as XGBoost writes it. */
class UbjsonReader {
  readonly #file: string;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(file: string, bytes: Uint8Array) {
    this.#file = file;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  whole(): unknown {
    const value = this.#value(this.#mark(), 0);
    if (this.#at !== this.#bytes.length) this.#fail('the model ends, and the file goes on');
    return value;
  }

  #fail(why: string): never {
    throw new InputError(`${this.#file}: byte ${this.#at}: ${why}`, remedy);
  }

  #need(bytes: number): void {
    if (bytes > this.#bytes.length - this.#at) this.#fail('the file is cut off');
  }

  #mark(): string {
    this.#need(1);
    return String.fromCharCode(this.#bytes[this.#at++]!);
  }

  #number(type: string): number {
    const known = NUMBERS[type];
    if (known === undefined) this.#fail(`"${type}" is no type of a number`);
    this.#need(known[0]);
    const value = known[1](this.#view, this.#at);
    this.#at += known[0];
    return value;
  }

  #count(): number {
    const count = this.#number(this.#mark());
    // Every entry takes a byte at the least.
    if (!(Number.isInteger(count) && count >= 0 && count <= this.#bytes.length)) this.#fail(`${count} is no length`);
    return count;
  }

  #text(): string {
    const count = this.#count();
    this.#need(count);
    const text = Buffer.from(this.#bytes.subarray(this.#at, this.#at + count)).toString('utf8');
    this.#at += count;
    return text;
  }

  #value(type: string, depth: number): unknown {
    if (depth > DEPTH_MAX) this.#fail(`is nested more than ${DEPTH_MAX} levels deep`);
    if (type === '{') return this.#section(depth);
    if (type === '[') return this.#list(depth);
    if (type === 'S') return this.#text();
    if (type === 'T' || type === 'F') return type === 'T';
    if (type === 'Z') return null;
    return this.#number(type);
  }

  #section(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (this.#peek() !== '}') {
      const key = this.#text();
      entries.push([key, this.#value(this.#mark(), depth + 1)]);
    }
    this.#at++;
    return Object.fromEntries(entries);
  }

  #list(depth: number): unknown[] {
    const type = this.#peek() === '$' ? this.#typed() : null;
    const list: unknown[] = [];
    if (this.#peek() === '#') {
      this.#at++;
      const count = this.#count();
      for (let k = 0; k < count; k++)
        list.push(type === null ? this.#value(this.#mark(), depth + 1) : this.#number(type));
      return list;
    }
    if (type !== null) this.#fail('a list of one type has no length');
    while (this.#peek() !== ']') list.push(this.#value(this.#mark(), depth + 1));
    this.#at++;
    return list;
  }

  #typed(): string {
    this.#at++;
    return this.#mark();
  }

  #peek(): string {
    this.#need(1);
    return String.fromCharCode(this.#bytes[this.#at]!);
  }
}

/** The value that a file of Universal Binary JSON holds. @throws InputError naming file and byte */
export function readUbjson(file: string, bytes: Uint8Array): unknown {
  return new UbjsonReader(file, bytes).whole();
}

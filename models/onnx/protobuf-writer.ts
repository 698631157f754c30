/** Writes messages of Protocol Buffers: the few wire types that ONNX needs. */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number of any size that a double holds exactly; below 0 as 64 bits. */
  integer(field: number, value: number): this {
    return this.#push(tag(field, 0), varint(value));
  }

  /** A number of 32 bits. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#push(tag(field, 5), bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, Buffer.from(value, 'utf8'));
  }

  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  bytes(field: number, value: Uint8Array): this {
    return this.#push(tag(field, 2), varint(value.length), value);
  }

  finish(): Uint8Array {
    return Buffer.concat(this.#parts);
  }

  #push(...parts: Uint8Array[]): this {
    this.#parts.push(...parts);
    return this;
  }
}

const tag = (field: number, wireType: number): Uint8Array => varint(8 * field + wireType);

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

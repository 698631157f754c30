const MAGIC = 0x184d2204;
/** What a frame may make of its bytes: 255 is the most that the format can say. */
const RATIO_MAX = 255;

function broken(why: string): never {
  throw new Error(`its LZ4 data are broken: ${why}`);
}

/** Where decoded bytes go: grows as they come. */
class Output {
  #bytes: Uint8Array;
  readonly #most: number;
  length = 0;

  constructor(most: number) {
    this.#most = most;
    this.#bytes = new Uint8Array(Math.min(most, 1 << 16));
  }

  reserve(count: number): void {
    const needed = this.length + count;
    if (needed > this.#most) broken('more than its bytes can say');
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.min(this.#most, Math.max(needed, 2 * this.#bytes.length)));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Copies bytes from `distance` back; they may overlap what is written. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.length) broken('a copy from before the start');
    this.reserve(count);
    for (let i = 0; i < count; i++, this.length++) this.#bytes[this.length] = this.#bytes[this.length - distance]!;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** Decodes one block behind what is decoded already, which it may refer to (LZ4 Block Format Description). */
function decodeBlock(block: Uint8Array, output: Output): void {
  let at = 0;
  const extended = (length: number): number => {
    if (length < 15) return length;
    let sum = length;
    for (let more = 255; more === 255; sum += more) more = block[at++] ?? broken('a length that is cut off');
    return sum;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = extended(token >> 4);
    if (at + literals > block.length) broken('literals that are cut off');
    output.append(block.subarray(at, at + literals));
    at += literals;
    if (at === block.length) return;
    const distance = block[at]! | ((block[at + 1] ?? broken('a copy that is cut off')) << 8);
    at += 2;
    output.repeat(distance, extended(token & 15) + 4);
  }
}

/**
 * Unpacks an LZ4 frame, as Arrow files hold one per buffer (LZ4 Frame Format Description 1.6.4). Own code, since the
 * decoders for Parquet know blocks only, and those for frames are no longer kept. Check sums are passed over: Arrow
 * writes none. Throws Error for what is no such frame.
 */
export function decodeLz4Frame(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 7 || view.getUint32(0, true) !== MAGIC) broken('no frame');
  const flags = view.getUint8(4);
  const hasBlockSums = (flags & 0x10) !== 0;
  const hasSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  if (hasDictionary) broken('a dictionary that is not there');
  let at = 7 + (hasSize ? 8 : 0);
  const output = new Output(RATIO_MAX * frame.length + 64);
  while (at + 4 <= frame.length) {
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return output.bytes;
    const length = head & 0x7fffffff;
    if (at + length > frame.length) broken('a block that is cut off');
    const block = frame.subarray(at, at + length);
    if (head >>> 31 === 1) output.append(block);
    else decodeBlock(block, output);
    at += length + (hasBlockSums ? 4 : 0);
  }
  return broken('no end');
}

import type { Random } from '../../../infra/random.ts';

/** Values at which lengths and offsets go wrong. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const REPEATS_MAX = 2_000;

type Alteration = (bytes: Buffer, random: Random) => Buffer;

function placeIn(bytes: Buffer, random: Random): number {
  // Half of the places near the end: that is where formats keep their directories.
  const near = Math.min(bytes.length, 3_000);
  return random.next() < 0.5 ? random.integer(bytes.length) : bytes.length - 1 - random.integer(near);
}

function pieceOf(bytes: Buffer, random: Random): Buffer {
  const from = random.integer(bytes.length);
  return bytes.subarray(from, from + 1 + random.integer(200));
}

const inserted = (bytes: Buffer, at: number, piece: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);

const ALTERATIONS: readonly Alteration[] = [
  (bytes, random) => {
    const altered = Buffer.from(bytes);
    for (let left = 1 + random.integer(8); left > 0; left--) altered[placeIn(bytes, random)] = random.integer(256);
    return altered;
  },
  (bytes, random) => {
    const altered = Buffer.from(bytes);
    altered[placeIn(bytes, random)]! ^= 1 << random.integer(8);
    return altered;
  },
  (bytes, random) => bytes.subarray(0, random.integer(bytes.length)),
  (bytes, random) => bytes.subarray(random.integer(bytes.length)),
  (bytes, random) => inserted(bytes, placeIn(bytes, random), pieceOf(bytes, random)),
  (bytes, random) => {
    const at = placeIn(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.integer(200))]);
  },
  (bytes, random) => {
    const piece = pieceOf(bytes, random).subarray(0, 1 + random.integer(30));
    const many = Buffer.concat(Array<Buffer>(1 + random.integer(REPEATS_MAX)).fill(piece));
    return inserted(bytes, placeIn(bytes, random), many);
  },
  (bytes, random) => {
    const altered = Buffer.from(bytes);
    const at = Math.min(placeIn(bytes, random), Math.max(0, bytes.length - 4));
    const edge = EDGES[random.integer(EDGES.length)]!;
    if (bytes.length < 4) return altered;
    if (random.next() < 0.5) altered.writeUInt32LE(edge, at);
    else altered.writeUInt32BE(edge, at);
    return altered;
  },
  (bytes, random) => {
    const altered = Buffer.from(bytes);
    pieceOf(bytes, random).copy(altered, placeIn(bytes, random));
    return altered;
  },
];

/** The bytes flipped, cut, spliced, repeated or with another length in them, once or a few times. */
export function alterBytes(bytes: Buffer, random: Random): Buffer {
  let altered = bytes;
  for (let left = 1 + random.integer(3); left > 0 && altered.length > 0; left--) {
    altered = ALTERATIONS[random.integer(ALTERATIONS.length)]!(altered, random);
  }
  return altered;
}

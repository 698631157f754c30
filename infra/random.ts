import { createHash } from 'node:crypto';

/** A seeded stream of numbers. Nothing in this project draws from anywhere else. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound). */
  integer(bound: number): number;
  /** Standard normal deviate (Irwin-Hall of 12 uniforms: only additions, so equal on every machine). */
  normal(): number;
  /** An independent stream named by `label`: the same parent seed and label always give the same stream. */
  fork(label: string): Random;
}

const UINT32 = 4294967296;

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, passes BigCrush; seeded from SHA-256 of the seed text. */
export function createRandom(seed: number | string): Random {
  const digest = createHash('sha256').update(`signalbox:${seed}`).digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let d = 1;
  const nextUint32 = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) nextUint32();
  const random: Random = {
    next: () => nextUint32() / UINT32,
    integer: (bound) => Math.floor((nextUint32() / UINT32) * bound),
    normal: () => {
      let sum = -6;
      for (let i = 0; i < 12; i++) sum += nextUint32() / UINT32;
      return sum;
    },
    fork: (label) => createRandom(`${seed}/${label}`),
  };
  return random;
}

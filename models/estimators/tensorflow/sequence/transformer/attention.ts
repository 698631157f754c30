import { exponential } from '../exponential.ts';

type Numbers = Float32Array | Float64Array;

export interface AttentionSize {
  readonly window: number;
  readonly units: number;
  readonly heads: number;
  /** First row that asks; the rows before it are only looked at. */
  readonly firstQuery: number;
}

/** Numbers that one window needs for its shares: `heads * queries * window`. */
export function sharesOf({ window, heads, firstQuery }: AttentionSize): number {
  return heads * (window - firstQuery) * window;
}

/**
 * Scaled dot-product attention of one window. `qkv` holds at `from` queries, keys and values of each row side by side
 * (`window * 3 units`); `out` gets at `to` the joined values of each asking row (`queries * units`), `shares` the
 * softmax shares.
 */
export function attend(
  size: AttentionSize,
  source: { qkv: Numbers; from: number },
  target: { out: Numbers; to: number; shares: Numbers; sharesAt: number },
): void {
  const { window, units, heads, firstQuery } = size;
  const { qkv, from } = source;
  const { out, to, shares } = target;
  const depth = units / heads;
  const scale = 1 / Math.sqrt(depth);
  let at = target.sharesAt;
  for (let head = 0; head < heads; head++) {
    for (let query = firstQuery; query < window; query++, at += window) {
      const q = from + query * 3 * units + head * depth;
      let largest = -Infinity;
      for (let key = 0; key < window; key++) {
        const k = from + (key * 3 + 1) * units + head * depth;
        let dot = 0;
        for (let d = 0; d < depth; d++) dot += qkv[q + d]! * qkv[k + d]!;
        shares[at + key] = dot * scale;
        if (dot * scale > largest) largest = dot * scale;
      }
      let total = 0;
      for (let key = 0; key < window; key++) total += shares[at + key] = exponential(shares[at + key]! - largest);
      const o = to + (query - firstQuery) * units + head * depth;
      for (let d = 0; d < depth; d++) out[o + d] = 0;
      for (let key = 0; key < window; key++) {
        const share = (shares[at + key]! /= total);
        const v = from + (key * 3 + 2) * units + head * depth;
        for (let d = 0; d < depth; d++) out[o + d]! += share * qkv[v + d]!;
      }
    }
  }
}

/**
 * The way back: adds to `dQkv` (zero before) the gradient of one window from `dOut` and the shares of the way forward.
 */
export function attendBack(
  size: AttentionSize,
  seen: { qkv: Numbers; from: number; shares: Numbers; sharesAt: number },
  gradient: { dOut: Numbers; to: number; dQkv: Numbers },
): void {
  const { window, units, heads, firstQuery } = size;
  const { qkv, from, shares } = seen;
  const { dOut, to, dQkv } = gradient;
  const depth = units / heads;
  const scale = 1 / Math.sqrt(depth);
  const dShares = new Float64Array(window);
  let at = seen.sharesAt;
  for (let head = 0; head < heads; head++) {
    for (let query = firstQuery; query < window; query++, at += window) {
      const q = from + query * 3 * units + head * depth;
      const o = to + (query - firstQuery) * units + head * depth;
      let mean = 0;
      for (let key = 0; key < window; key++) {
        const v = from + (key * 3 + 2) * units + head * depth;
        const share = shares[at + key]!;
        let dot = 0;
        for (let d = 0; d < depth; d++) {
          dot += dOut[o + d]! * qkv[v + d]!;
          dQkv[v + d]! += share * dOut[o + d]!;
        }
        dShares[key] = dot;
        mean += share * dot;
      }
      for (let key = 0; key < window; key++) {
        const k = from + (key * 3 + 1) * units + head * depth;
        const dScore = shares[at + key]! * (dShares[key]! - mean) * scale;
        for (let d = 0; d < depth; d++) {
          dQkv[q + d]! += dScore * qkv[k + d]!;
          dQkv[k + d]! += dScore * qkv[q + d]!;
        }
      }
    }
  }
}

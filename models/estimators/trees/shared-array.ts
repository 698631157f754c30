/** Bytes that threads can share when `shared`, else plain ones. */
export function byteArray(length: number, shared: boolean): Uint8Array {
  return shared ? new Uint8Array(new SharedArrayBuffer(length)) : new Uint8Array(length);
}

/** Doubles that threads can share when `shared`, else plain ones. */
export function doubleArray(length: number, shared: boolean): Float64Array {
  return shared ? new Float64Array(new SharedArrayBuffer(8 * length)) : new Float64Array(length);
}

/** Integers that threads can share when `shared`, else plain ones. */
export function integerArray(length: number, shared: boolean): Int32Array {
  return shared ? new Int32Array(new SharedArrayBuffer(4 * length)) : new Int32Array(length);
}

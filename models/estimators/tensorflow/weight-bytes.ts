import { InputError } from '../../../infra/errors.ts';

/** Float32 arrays one after another, little endian. */
export function writeFloats(arrays: readonly Float32Array[]): Uint8Array {
  const bytes = new Uint8Array(4 * arrays.reduce((total, array) => total + array.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const array of arrays) for (const value of array) view.setFloat32((at += 4) - 4, value, true);
  return bytes;
}

/**
 * Cuts bytes back into arrays of the given lengths. Throws an InputError when sizes do not fit or a value is not
 * finite.
 */
export function readFloats(bytes: Uint8Array | null, lengths: readonly number[]): Float32Array[] {
  const expected = 4 * lengths.reduce((total, length) => total + length, 0);
  if (bytes === null || bytes.length !== expected) {
    throw new InputError(`model: ${bytes?.length ?? 0} bytes of weights, ${expected} expected`, 'train it again');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  return lengths.map((length) => {
    const array = new Float32Array(length);
    for (let i = 0; i < length; i++) array[i] = view.getFloat32((at += 4) - 4, true);
    if (!array.every(Number.isFinite)) throw new InputError('model: a weight is not a finite number', 'train it again');
    return array;
  });
}

import { InputError } from '../../../infra/errors.ts';

const DEPTH_MAX = 100;
const BYTES_MAX = 50_000_000;

/**
 * What a user's estimator has learned, as it comes back from JSON.
 * @throws InputError for what would not come back equal, and for what is too large to be stored
 */
export function plainModel(file: string, value: unknown): unknown {
  const refuse = (why: string): never => {
    throw new InputError(`${file}: fit answered a model that cannot be stored: ${why}`, 'Answer plain JSON data.');
  };
  const look = (part: unknown, place: string, depth: number): void => {
    if (depth > DEPTH_MAX) refuse(`it is nested more than ${DEPTH_MAX} levels deep`);
    if (part === null || typeof part === 'string' || typeof part === 'boolean') return;
    if (typeof part === 'number') {
      if (!Number.isFinite(part)) refuse(`${place} is ${part}`);
      return;
    }
    if (Array.isArray(part)) part.forEach((one, at) => look(one, `${place}[${at}]`, depth + 1));
    else if (Object.prototype.toString.call(part) === '[object Object]') {
      for (const [key, one] of Object.entries(part as object)) look(one, `${place}.${key}`, depth + 1);
    } else refuse(`${place} is ${part === undefined ? 'undefined' : 'no plain object, array, number or text'}`);
  };
  look(value, 'model', 0);
  const text = JSON.stringify(value);
  if (text.length > BYTES_MAX) refuse(`it takes ${text.length} bytes, and ${BYTES_MAX} are the most`);
  return JSON.parse(text) as unknown;
}

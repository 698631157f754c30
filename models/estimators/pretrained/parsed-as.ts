import '../../../infra/files/issue-words.ts';
import type { z } from 'zod';
import { InputError } from '../../../infra/errors.ts';

/** A value of a model file by its schema. @throws InputError with `place` and the first key that is wrong */
export function parsedAs<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const key = path.length === 0 ? '' : `${path.join('.')}: `;
  throw new InputError(`${place}: ${key}${message}`, 'Save the model again, or copy the file again.');
}

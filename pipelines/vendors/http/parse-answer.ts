import { parseStorable } from '../../../infra/logging/storable-text.ts';
import '../../../infra/files/issue-words.ts';
import type { z } from 'zod';
import type { VendorEndpoint } from './http-failure.ts';
import { VendorError } from '../vendor-error.ts';

/** `answer` as `schema` describes it. Throws VendorError `malformed` that names the first place where it is not. */
export function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, where: VendorEndpoint): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const place = path.length === 0 ? 'the answer' : path.join('.');
  throw new VendorError({ ...where, kind: 'malformed', detail: `${place}: ${message}` });
}

/** JSON out of `text`. Throws VendorError `malformed`. */
export function parseJson(text: string, where: VendorEndpoint): unknown {
  try {
    return parseStorable(text);
  } catch (error) {
    throw new VendorError({
      ...where,
      kind: 'malformed',
      detail: `not JSON after ${text.length} characters: ${(error as Error).message}`,
    });
  }
}

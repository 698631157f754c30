import '../../infra/files/issue-words.ts';
import { z } from 'zod';

/** Prices and sizes as streams carry them; NaN and infinities are refused. */
export const price = z.number().positive();
export const size = z.number().nonnegative();

/** Numbers written as text, as Binance does. */
export const priceText = z.string().transform(Number).pipe(price);
export const sizeText = z.string().transform(Number).pipe(size);

/** What is wrong with a frame, in one line: the vendor's word for it, where, and why. */
export function invalidFrame(what: string, error: z.ZodError): { kind: 'invalid'; reason: string } {
  const { path, message } = error.issues[0]!;
  return { kind: 'invalid', reason: `${what}: ${path.join('.') || 'all of it'}: ${message}` };
}

import { z } from 'zod';

/** Rows that a page may have at most. */
const PAGE_MAX = 1_000;

/** What every list takes: how many rows, and where the page before ended. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(50).meta({ description: 'rows of a page', example: 50 }),
  cursor: z
    .string()
    .regex(/^[1-9][0-9]{0,14}$/, 'is no cursor: take the one in `next`')
    .optional()
    .meta({ description: 'where the page before ended: its `next`' }),
};

/** Yes or no in a query; no by default. */
export const flagQuery = z
  .enum(['true', 'false'])
  .default('false')
  .transform((word) => word === 'true');

/** What every list answers beside its rows. */
export const nextSchema = z.string().nullable().meta({ description: 'cursor of the next page; null at the end' });

/** A page as the looks of commands take it. */
export function asked({ limit, cursor }: { limit: number; cursor?: string | undefined }): {
  limit: string;
  before?: string;
} {
  return { limit: String(limit), ...(cursor === undefined ? {} : { before: cursor }) };
}

/** The cursor of what a look says comes next. */
export function cursorOf(next: number | null): string | null {
  return next === null ? null : String(next);
}

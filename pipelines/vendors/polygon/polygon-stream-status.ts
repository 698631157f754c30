import { z } from 'zod';

const streamStatus = z.object({ status: z.string(), message: z.string().default('') });

/** A `status` frame; null where it is not one. */
export function parsePolygonStatus(frame: unknown): { status: string; message: string } | null {
  return streamStatus.safeParse(frame).data ?? null;
}

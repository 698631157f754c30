import { z } from 'zod';

/** Keys of an object schema, looked for through defaults. */
export function shapeOf(schema: unknown): Record<string, unknown> {
  if (schema instanceof z.ZodObject) return schema.shape as Record<string, unknown>;
  if (schema instanceof z.ZodPipe) return { ...shapeOf(schema.def.in), ...shapeOf(schema.def.out) };
  const inner = (schema as { def?: { innerType?: unknown } }).def?.innerType;
  return inner === undefined ? {} : shapeOf(inner);
}

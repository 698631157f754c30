import { z } from 'zod';
import type { ParameterValue } from './own-file.ts';

/** A parameter of something that experiments name, or of a file, as it is listed. */
export interface ListedParameter {
  readonly name: string;
  readonly type: string;
  readonly default: unknown;
  readonly minimum: number | null;
  readonly maximum: number | null;
  /** The values that it may have, where they are named. */
  readonly oneOf?: readonly ParameterValue[];
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

/** The parameters of a schema with defaults and bounds. `untyped`: what one is called whose type JSON schema lacks. */
export function listedParameters(schema: z.ZodType, untyped: string): ListedParameter[] {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Property>;
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    type: property.type ?? untyped,
    default: property.default ?? null,
    minimum: property.minimum ?? property.exclusiveMinimum ?? null,
    maximum: property.maximum === Number.MAX_SAFE_INTEGER ? null : (property.maximum ?? null),
    ...(property.enum === undefined ? {} : { oneOf: property.enum }),
  }));
}

import { z } from 'zod';
import { experimentSchema } from '../experiment.ts';

/** A JSON schema as it is built here. */
export interface JsonSchema {
  $schema?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema | boolean;
  [word: string]: unknown;
}

/** The JSON schema of an experiment file, generated from the schema that files are checked with. */
export function experimentJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(experimentSchema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
  }) as JsonSchema;
  return schema;
}

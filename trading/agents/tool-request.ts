import { z } from 'zod';
import type { Route } from '../../infra/http/route.ts';

/** The arguments of a tool as JSON Schema: one object, whatever part of the request each belongs to. */
interface ArgumentsSchema {
  readonly [key: string]: unknown;
  readonly type: 'object';
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
  readonly additionalProperties: false;
}

/** A request to the service. */
export interface ToolRequest {
  readonly method: Route['method'];
  readonly url: string;
  /** Null: it has no body. */
  readonly body: unknown;
}

type Part = 'params' | 'query' | 'body';

/** What a tool takes: its arguments, and to which part of the request each belongs. */
export interface ToolArguments {
  readonly schema: ArgumentsSchema;
  readonly parts: Readonly<Record<Part, readonly string[]>>;
}

/**
 * Parameters, query and body of a route, side by side, but for those that are `withheld`.
 * @throws Error where two of them have one name
 */
export function argumentsOf(route: Route, withheld: readonly string[] = []): ToolArguments {
  const properties: Record<string, object> = {};
  const required: string[] = [];
  const parts: Record<Part, string[]> = { params: [], query: [], body: [] };
  for (const part of PARTS) {
    const known = partOf(route, part);
    if (known === null) continue;
    for (const [name, schema] of Object.entries(known.properties)) {
      if (withheld.includes(name)) continue;
      if (name in properties) throw new Error(`${route.method} ${route.path} has two arguments ${name}.`);
      properties[name] = schema;
      parts[part].push(name);
    }
    required.push(...known.required);
  }
  return { schema: { type: 'object', properties, required, additionalProperties: false }, parts };
}

/** The request that the arguments of a tool make, each of them known. */
export function requestOf(
  { method, path: at, body: taken }: Pick<Route, 'method' | 'path' | 'body'>,
  parts: ToolArguments['parts'],
  given: Readonly<Record<string, unknown>>,
): ToolRequest {
  const take = (part: Part): [string, unknown][] =>
    parts[part].filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  const params = Object.fromEntries(take('params'));
  const path = at.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(text(params[name] ?? '')));
  const query = take('query').map(([name, value]): [string, string] => [name, text(value)]);
  const search = new URLSearchParams(query).toString();
  const body = taken === undefined ? null : Object.fromEntries(take('body'));
  return { method, url: search === '' ? path : `${path}?${search}`, body };
}

const PARTS: readonly Part[] = ['params', 'query', 'body'];

interface KnownPart {
  readonly properties: Readonly<Record<string, object>>;
  readonly required: readonly string[];
}

/** What a part of the request takes; null for one that the route does not have. */
function partOf(route: Route, part: Part): KnownPart | null {
  const schema = route[part];
  if (schema === undefined) return null;
  // Numbers of a path or query are made of text: what comes out says what they are, what goes in what may be left out.
  const said = jsonOf(schema, part === 'body' ? 'input' : 'output');
  const needed = jsonOf(schema, 'input').required ?? [];
  return { properties: said.properties ?? {}, required: needed };
}

interface JsonObject {
  readonly properties?: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

function jsonOf(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $defs = {}, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  const whole = inlined(json, $defs) as JsonObject & { readonly anyOf?: readonly JsonObject[] };
  // A body that may be left out is one of two things: the other is null.
  return whole.anyOf?.find(({ properties }) => properties !== undefined) ?? whole;
}

/** A schema with what it refers to in its place, and without patterns that a format says in one word. */
function inlined(schema: unknown, named: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => inlined(one, named));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref, ...rest } = schema as { readonly $ref?: string } & Record<string, unknown>;
  if ($ref !== undefined) return inlined({ ...(named[$ref.replace('#/$defs/', '')] as object), ...rest }, named);
  if ('format' in rest) delete rest.pattern;
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inlined(value, named)]));
}

function text(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

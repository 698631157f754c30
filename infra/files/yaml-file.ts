import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { nearestName } from '../../features/expressions/nearest-name.ts';
import { InputError, SignalboxError } from '../errors.ts';
import './issue-words.ts';
import { meantBy } from './known-elsewhere.ts';
import { readOutsideText } from './outside-file.ts';
import { assertBounded, plainValue, repeatedKey, requirePrintable } from './yaml-bounds.ts';

/** A megabyte of any characters fits; what is in it is bounded more closely. */
const BYTES_MAX = 4 << 20;

type Path = readonly PropertyKey[];
type LinePos = ReturnType<LineCounter['linePos']>;

/** A mistake of a YAML text: where it stands, and what is wrong. */
export interface YamlMistake {
  /** From 1; null where the text as a whole is meant. */
  readonly line: number | null;
  /** `estimators[0].trees`; empty where no key is meant. */
  readonly key: string;
  readonly message: string;
}

/** What is wrong with a YAML text: every mistake with its place, for programs that show it there. */
export class YamlError extends InputError {
  readonly mistakes: readonly YamlMistake[];

  constructor(message: string, remedy: string, mistakes: readonly YamlMistake[], cause?: unknown) {
    super(message, remedy, cause);
    this.mistakes = mistakes;
  }
}

/**
 * Reads the YAML file at `path` and checks it with `schema`. Throws InputError that names the file, the line, the full
 * key path, and for an unknown key of a strict schema the nearest valid one.
 */
export function parseYamlFile<Schema extends z.ZodType>(schema: Schema, path: string): z.output<Schema> {
  return parseYamlText(schema, readYamlText(path), path);
}

/** The text of a YAML file, of a size that settings have. @throws InputError that names the file */
export function readYamlText(path: string): string {
  return readOutsideText(path, { bytesMax: BYTES_MAX, remedy: 'Give a settings file.' });
}

/** Like `parseYamlFile`, for text that came from elsewhere; `source` names it in errors. */
export function parseYamlText<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  source: string,
): z.output<Schema> {
  assertBounded(text, source);
  const lines = new LineCounter();
  const document = parsed(text, lines, source);
  const broken = document.errors[0];
  if (broken !== undefined) throw invalid(source, lines.linePos(broken.pos[0]), broken.message, broken);
  const repeated = repeatedKey(document);
  if (repeated !== null) {
    throw invalid(
      source,
      lines.linePos(repeated.offset),
      `keys must be unique, and ${shown(repeated.key)} stands here again`,
    );
  }
  requirePrintable(document, lines, source);
  const value = plainValue(document, lines, source) ?? {};
  const result = schema.safeParse(value, { reportInput: false });
  if (result.success) return result.data;
  throw describeIssues(result.error.issues, source, schema, (at) => lineOf(document, lines, at));
}

function parsed(text: string, lineCounter: LineCounter, source: string): Document.Parsed {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: false, logLevel: 'error' });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new InputError(`${source}: not valid YAML: nested too deeply.`, 'Give a settings file.', cause);
  }
}

function invalid(source: string, { line, col }: LinePos, problem: string, cause?: unknown): YamlError {
  const message = `not valid YAML: ${shown(problem)}`;
  const mistakes = [{ line, key: '', message }];
  return new YamlError(`${source}:${line}:${col}: ${message}`, 'Correct the file.', mistakes, cause);
}

/** Mistakes that an error lists; the rest is counted. */
const LISTED = 20;

function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  source: string,
  schema: z.ZodType,
  line: (at: Path) => number | null,
): YamlError {
  const messages = issues
    .slice(0, LISTED)
    .flatMap((issue) => describeIssue(issue, schema, line))
    .slice(0, LISTED);
  const count = issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
  const listed = messages.map(({ line: at, text }) => `${source}${at === null ? '' : `:${at}`}: ${text}`);
  const rest = count > LISTED ? [`${source}: ${count} mistakes in all`] : [];
  const remedies = [...new Set(messages.map(({ remedy: one }) => one).filter((one) => one !== ''))];
  const remedy = remedies.length === 0 ? 'Correct the value.' : remedies.slice(0, PLACES).join('\n    ');
  const mistakes = messages.map(({ line: at, key, text }) => ({ line: at, key, message: text }));
  return new YamlError([...listed, ...rest].join('\n'), remedy, mistakes);
}

/** Names and messages that repeat what stands in the file, cut to what a line can show. */
const shown = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}...` : text);

/** Places whose valid keys are listed. */
const PLACES = 3;

interface IssueText {
  readonly line: number | null;
  readonly key: string;
  readonly text: string;
  readonly remedy: string;
}

/** What a check of our own may say of its message: it is shown as it is, and there is a remedy. */
interface IssueWords {
  readonly whole?: boolean;
  readonly remedy?: string;
}

function describeIssue(issue: z.core.$ZodIssue, schema: z.ZodType, line: (at: Path) => number | null): IssueText[] {
  if (issue.code === 'unrecognized_keys') {
    const valid = keysAt(schema, issue.path);
    return issue.keys.slice(0, LISTED).map((key) => {
      const at = [...issue.path, key];
      const nearest = meantBy(key, valid) ?? nearestName(key, valid);
      const hint = nearest === null ? '' : `; did you mean ${keyPath([...issue.path, nearest])}?`;
      const place = issue.path.length === 0 ? 'here' : `in ${keyPath(issue.path)}`;
      const remedy = valid.length === 0 ? 'Remove the key.' : `Valid keys ${place}: ${valid.join(', ')}.`;
      return { line: line(at), key: keyPath(at), text: `unknown key ${keyPath(at)}${hint}`, remedy };
    });
  }
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch !== null) {
      return branch.flatMap((inner) => describeIssue({ ...inner, path: [...issue.path, ...inner.path] }, schema, line));
    }
  }
  const { whole = false, remedy = '' } = (issue.code === 'custom' ? (issue.params ?? {}) : {}) as IssueWords;
  const words = whole ? issue.message : shown(issue.message);
  const where = issue.path.length === 0 ? 'the file' : keyPath(issue.path);
  return [{ line: line(issue.path), key: keyPath(issue.path), text: `${where}: ${words}`, remedy }];
}

/**
 * Of the branches of a union, the one that the value was most likely meant for: right in kind, and the fewest mistakes.
 */
function nearestBranch(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] | null {
  const right = branches.filter(
    (issues) => !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
  );
  return right.reduce<readonly z.core.$ZodIssue[] | null>(
    (best, issues) => (best === null || issues.length < best.length ? issues : best),
    null,
  );
}

/** A path of keys as messages write it: `estimators[0].trees`. */
export function keyPath(path: Path): string {
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${shown(String(part))}`))
    .join('');
}

/** The line of the key at `path` in YAML that can be read, or of the nearest ancestor that is there; null of none. */
export function lineInYaml(text: string, path: Path): number | null {
  const lines = new LineCounter();
  return lineOf(parseDocument(text, { lineCounter: lines }), lines, path);
}

/** The line of the key at `path`, or of the nearest ancestor that the file has. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: Path): number | null {
  for (let length = path.length; length > 0; length--) {
    const parent: unknown = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const offset = offsetIn(parent, path[length - 1]!);
    if (offset !== null) return lines.linePos(offset).line;
  }
  return null;
}

function offsetIn(parent: unknown, key: PropertyKey): number | null {
  if (!isNode(parent) || !('items' in parent) || !Array.isArray(parent.items)) return null;
  const items: unknown[] = parent.items;
  const item = typeof key === 'number' ? items[key] : items.find((pair) => nameOf(pair) === String(key));
  const node: unknown = isNode(item) ? item : (item as { key?: unknown } | undefined)?.key;
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function nameOf(pair: unknown): string {
  const key = (pair as { key?: unknown }).key;
  return String((key as { value?: unknown } | null)?.value ?? key);
}

/** The keys that `schema` allows at `path`, looked for through arrays, unions, wrappers and pipes. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let level: unknown[] = [schema];
  for (const part of path) level = level.flatMap(unwrap).flatMap((inner) => childOf(inner, part));
  const keys = level.flatMap(unwrap).flatMap((inner) => (inner instanceof z.ZodObject ? Object.keys(inner.shape) : []));
  return [...new Set(keys)];
}

function childOf(schema: unknown, part: PropertyKey): unknown[] {
  if (schema instanceof z.ZodArray) return [schema.element];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  if (schema instanceof z.ZodTuple) return [schema.def.items[Number(part)]];
  if (!(schema instanceof z.ZodObject)) return [];
  const member: unknown = (schema.shape as Record<string, unknown>)[String(part)];
  return member === undefined ? [] : [member];
}

function unwrap(schema: unknown): unknown[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrap);
  if (schema instanceof z.ZodIntersection) return [schema.def.left, schema.def.right].flatMap(unwrap);
  if (schema instanceof z.ZodPipe) return [schema.def.in, schema.def.out].flatMap(unwrap);
  if (schema instanceof z.ZodLazy) return unwrap(schema.def.getter());
  const inner = (schema as { def?: { innerType?: unknown } }).def?.innerType;
  if (inner === schema) throw new SignalboxError('A schema that wraps itself.');
  return inner === undefined ? [schema] : unwrap(inner);
}

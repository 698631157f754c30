import { SourceMap } from 'node:module';
import { createContext, Script, type Context } from 'node:vm';
import { InputError } from '../errors.ts';
import { cutText, storableText } from '../logging/storable-text.ts';
import type { CompiledOwnFile } from './own-file.ts';

/** What differs from run to run throws, where the check of the file did not see it. */
const PREPARE = `
  Math.random = () => { throw new Error('Math.random gives other signals each time: use the bars alone') };
  const noClock = () => { throw new Error('this code has no clock: use the times of the bars') };
  globalThis.Date = new Proxy(Date, {
    apply: noClock,
    construct: (target, given) => given.length === 0 ? noClock() : new target(...given),
    get: (target, name) => name === 'now' ? noClock : target[name],
  });
`;

/** Evaluating a module takes milliseconds: one that does not end is of no use. */
const LOAD_MS_MAX = 5_000;

/** Where in the file an error arose, for people; null where its stack does not say. */
export function placeOf(error: unknown, compiled: CompiledOwnFile): { line: number; column: number } | null {
  const { path } = compiled;
  const stack = String((error as { stack?: unknown } | null)?.stack ?? '');
  const at = stack.indexOf(`${path}:`);
  const found = at < 0 ? null : /^:(\d+):?(\d+)?/.exec(stack.slice(at + path.length));
  if (found === null) return null;
  const [line, column] = [Number(found[1]), Number(found[2] ?? 1)];
  const entry = mapOf(compiled).findEntry(line - 1, column - 1);
  if (!('originalLine' in entry)) return { line, column };
  return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
}

/** A strategy that throws does so at every bar: reading its map takes longer than all else of that. */
const MAPS = new WeakMap<CompiledOwnFile, SourceMap>();

function mapOf(compiled: CompiledOwnFile): SourceMap {
  const known = MAPS.get(compiled) ?? new SourceMap(JSON.parse(compiled.map));
  MAPS.set(compiled, known);
  return known;
}

/** What an error of a user's code says, cut to a length for people. */
export function messageOf(error: unknown): string {
  return storableText(cutText(String((error as { message?: unknown } | null)?.message ?? error), 500));
}

/**
 * The default export of a compiled file, evaluated anew: nothing that an earlier use left in its module is there. In a
 * context without network, files, timers, clock or randomness; that keeps mistakes out, not a person who means harm.
 * @throws InputError with the place where the file throws.
 */
export function evaluateOwnFile(compiled: CompiledOwnFile): unknown {
  return evaluated(compiled, {}).exports.default;
}

/**
 * What a method of the default export answers, in a module of its own: for what a file says of itself, which takes no
 * time. Undefined where there is no such method.
 * @throws InputError with the place where the file throws, or naming the method where it does not answer.
 */
export function askOwnFile(compiled: CompiledOwnFile, method: string, given: unknown): unknown {
  const { context } = evaluated(compiled, { given });
  try {
    return new Script(`exports.default.${method}?.(given)`).runInContext(context, { timeout: LOAD_MS_MAX });
  } catch (error) {
    throw new InputError(`${atPlace(compiled, error)}: ${method}: ${messageOf(error)}`, 'Correct the file.', error);
  }
}

function evaluated(compiled: CompiledOwnFile, more: object): { context: Context; exports: { default?: unknown } } {
  const { path, script } = compiled;
  const exports: { default?: unknown } = {};
  const context = createContext({ exports, ...more }, { codeGeneration: { strings: false, wasm: false } });
  try {
    new Script(PREPARE).runInContext(context);
    new Script(script, { filename: path }).runInContext(context, { timeout: LOAD_MS_MAX });
  } catch (error) {
    throw new InputError(`${atPlace(compiled, error)}: ${messageOf(error)}`, 'Correct the file.', error);
  }
  return { context, exports };
}

/** The file, with line and column where the error says them. */
export function atPlace(compiled: CompiledOwnFile, error: unknown): string {
  const place = placeOf(error, compiled);
  return place === null ? compiled.path : `${compiled.path}:${place.line}:${place.column}`;
}

import type { EventBook } from './events/event-book.ts';
import { EXPANDED_MAX, expandExpression } from './expressions/expansion.ts';
import { parseExpression } from './expressions/expression-parser.ts';
import type { ResolvedInput } from './expressions/expression-resolver.ts';
import { Resolver } from './expressions/expression-resolver.ts';
import { splitExpressions, type ListMember } from './expressions/expression-tokens.ts';
import { FeatureError } from './feature-error.ts';
import { FeatureGraph } from './feature-graph.ts';
import type { FeatureDefinition } from './kernel.ts';
import { suggest } from './expressions/nearest-name.ts';
import { REGISTERED_SETS } from './expressions/registered-sets.ts';
import { sha256 } from './sha256.ts';
import { FEATURE_TIMEFRAMES, timeframeMs, type MarketHours } from './timeframe.ts';

/** Raised whenever longer bars, or what is saved of an open one, change. */
const RESAMPLER_VERSION = 3;

/** More columns than PostgreSQL or a model could take. */
const FEATURES_MAX = EXPANDED_MAX;

/** A list of features over bars of one timeframe, ready to be computed. Plain data but for `graph`. */
export interface FeatureSet {
  /** Name and version of the registered set it was asked for by; null and 0 for a list of expressions. */
  readonly name: string | null;
  readonly version: number;
  readonly timeframe: string;
  readonly symbols: readonly string[];
  /** Normal form: no spaces, defaults filled in. */
  readonly expressions: readonly string[];
  /** One name per output: `rsi(14)`, `macd(12,26,9).signal`. */
  readonly columns: readonly string[];
  /**
   * SHA-256 over expressions with every default and convention, kernel versions and timeframe, over the symbols if any
   * feature ranks them, and over the market's hours if any feature is of a longer timeframe.
   */
  readonly hash: string;
  /** Leading bars without a complete row, given bars without gaps; an upper bound where longer timeframes are used. */
  readonly warmUpBars: number;
  /** Hours that close longer bars; null without a calendar. */
  readonly hours: MarketHours | null;
  /** What `events(...)` is computed from; null where none are given. Its content is no part of `hash`. */
  readonly events: EventBook | null;
  /** For the computation; nobody else reads it. */
  readonly graph: FeatureGraph;
  /** The slot of each column in `graph`. */
  readonly slots: readonly number[];
}

export interface FeatureSetOptions {
  /** 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w. */
  readonly timeframe: string;
  /** The universe; features may name its symbols. */
  readonly symbols: readonly string[];
  /** Hours of the market, which say when longer bars are complete; without them the next bucket's first bar does. */
  readonly hours?: MarketHours | null | undefined;
  /** What `events(...)` is computed from. */
  readonly events?: EventBook | null | undefined;
  /** What may be named; the registry unless a test brings features of its own. */
  readonly registry?: ReadonlyMap<string, FeatureDefinition>;
}

/**
 * Reads `features`: the name of a registered set, one expression or a comma-separated list, or an array of such.
 * Throws FeatureError (exit code 2) naming expression, position and nearest known name.
 */
export function parseFeatureSet(features: string | readonly string[], options: FeatureSetOptions): FeatureSet {
  if (timeframeMs(options.timeframe) === undefined) {
    throw new FeatureError(`Unknown timeframe "${options.timeframe}".`, {
      remedy: suggest(options.timeframe, FEATURE_TIMEFRAMES),
    });
  }
  const registered = typeof features === 'string' ? REGISTERED_SETS.get(features) : undefined;
  const texts = (typeof features === 'string' ? [features] : features).flatMap(expand);
  if (texts.length === 0) {
    throw new FeatureError('No features are given.', {
      remedy: 'Name at least one, such as rsi(14), or the set core.',
    });
  }
  if (texts.length > FEATURES_MAX) throw tooMany(texts.length);
  const graph = new FeatureGraph(options.timeframe);
  const columns = new Map<string, number>();
  const expressions = new Set<string>();
  for (const one of filled(texts)) {
    const input = resolved(one, options);
    const slots = graph.add(input);
    const { text, names } = describe(input);
    expressions.add(text);
    names.forEach((name, i) => columns.set(name, slots[i]!));
  }
  return {
    name: registered?.name ?? null,
    version: registered?.version ?? 0,
    timeframe: options.timeframe,
    symbols: options.symbols,
    expressions: [...expressions],
    columns: [...columns.keys()],
    hash: hashOf(graph, columns, options),
    warmUpBars: [...columns.values()].reduce((most, slot) => Math.max(most, graph.warmUpBars(slot)), 0),
    hours: options.hours ?? null,
    events: options.events ?? null,
    graph,
    slots: [...columns.values()],
  };
}

/** An expression and the text that it was written in. */
interface Written extends ListMember {
  readonly list: string;
}

function resolved(written: Written, options: FeatureSetOptions): ResolvedInput {
  const { text } = written;
  return inList(written, () => new Resolver({ expression: text, ...options }).resolve(parseExpression(text), null));
}

/** What `read` gives; a mistake is told of the list that the expression was written in. */
function inList<T>({ list, offset }: Written, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof FeatureError ? error.within(list, offset) : error;
  }
}

/** The expressions of a text: one, a list, and those of a registered set where its name stands. */
function expand(list: string): Written[] {
  return splitExpressions(list).flatMap(({ text, offset }): Written[] => {
    if (text === '') {
      const remedy = 'Name a feature such as rsi(14); separate several by one comma each.';
      throw new FeatureError('An empty feature', { expression: list, position: offset + 1, remedy });
    }
    const registered = REGISTERED_SETS.get(text);
    if (registered === undefined) return [{ text, offset, list }];
    return registered.expressions.map((one) => ({ text: one, offset: 0, list: one }));
  });
}

/** What members with places stand for; mistakes of what they made are told of that. */
function filled(members: readonly Written[]): Written[] {
  let count = 0;
  return members.flatMap((member): Written[] => {
    const texts = inList(member, () => expandExpression(member.text));
    count += texts.length;
    if (count > FEATURES_MAX) throw tooMany(`More than ${FEATURES_MAX}`);
    const isPlain = texts.length === 1 && texts[0] === member.text;
    return isPlain ? [member] : texts.map((text) => ({ text, offset: 0, list: text }));
  });
}

function tooMany(count: number | string): FeatureError {
  return new FeatureError(`${count} features are given, and ${FEATURES_MAX} are the most.`, {
    remedy: 'Ask for them in parts.',
  });
}

function describe(input: ResolvedInput): { text: string; names: string[] } {
  if (input.kind === 'series') {
    const text = input.timeframe === null ? input.name : `${input.name}@${input.timeframe}`;
    return { text, names: [text] };
  }
  const { text, definition } = input.call;
  const outputs = definition.outputs;
  if (outputs === undefined) return { text, names: [text] };
  if (input.output < 0) return { text, names: outputs.map((output) => `${text}.${output}`) };
  const chosen = `${text}.${outputs[input.output]}`;
  return { text: chosen, names: [chosen] };
}

function hashOf(graph: FeatureGraph, columns: ReadonlyMap<string, number>, options: FeatureSetOptions): string {
  const kernels = graph.nodes.map(
    ({ call, context, slot, inputs }) => `${slot} ${context} ${call.identity} ${inputs.join(' ')}`,
  );
  const names = [...columns].map(([name, slot]) => `${name} ${slot}`);
  const ranked = graph.nodes.some(({ call }) => call.definition.inputs === 'cross');
  const universe = ranked ? [...options.symbols].sort() : [];
  const resampled = graph.timeframes.length === 0 ? [] : [`resampler ${RESAMPLER_VERSION}`, options.hours?.name ?? ''];
  return sha256(JSON.stringify([options.timeframe, kernels, names, graph.timeframes, universe, ...resampled]));
}

import type { FeatureDefinition } from '../kernel.ts';
import { editDistance } from './nearest-name.ts';
import { REGISTERED_SETS } from './registered-sets.ts';
import { FEATURES } from '../registry.ts';

/** What a user may know about a feature before writing it. */
export interface CatalogueEntry {
  readonly name: string;
  /** How it is written, with defaults: `macd(fast=12,slow=26,signal=9)`. */
  readonly usage: string;
  /** Whether the price series may be left out: it is the close then. */
  readonly closeImplied: boolean;
  readonly parameters: readonly {
    readonly name: string;
    readonly default: number | null;
    readonly min: number;
    readonly max: number;
    readonly integer: boolean;
  }[];
  /** Named conventions; the first value is the default. */
  readonly options: readonly {
    readonly name: string;
    readonly values: readonly string[];
    readonly meaning: string;
  }[];
  /** Empty where there is one, which needs no name. */
  readonly outputs: readonly string[];
  readonly source: string;
}

/** How a feature is written: `macd(fast=12,slow=26,signal=9)`, `lag(series,n)`. */
export function usageOf(definition: FeatureDefinition): string {
  const { name, inputs, parameters } = definition;
  const other = 'otherSeries' in definition ? ['SYMBOL', 'series'] : ['SYMBOL'];
  const first = {
    bar: [],
    symbol: other,
    series: ['series'],
    close: ['series'],
    cross: ['series'],
    pair: ['series', 'series'],
    // Words of a kind of their own, by example: `source` lists them.
    events: ['news', 'count', '5d'],
  };
  const numbers = parameters.map((one) => (one.fallback === undefined ? one.name : `${one.name}=${one.fallback}`));
  return `${name}(${[...first[inputs], ...numbers].join(',')})`;
}

/** Every registered feature, by name. */
export function catalogue(): CatalogueEntry[] {
  return [...FEATURES.values()].map(entryOf).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function entryOf(definition: FeatureDefinition): CatalogueEntry {
  const { name, source, parameters, choices = [], outputs = [] } = definition;
  return {
    name,
    usage: usageOf(definition),
    closeImplied: definition.inputs === 'series' && definition.closeImplied,
    parameters: parameters.map(({ fallback, ...rest }) => ({
      name: rest.name,
      default: fallback ?? null,
      min: rest.min,
      max: rest.max,
      integer: rest.integer,
    })),
    options: choices,
    outputs,
    source,
  };
}

/** How many names a suggestion may hold; more are a list to read, not a suggestion. */
const SUGGESTED = 6;

/**
 * Features that an unknown name may stand for: names a slip of the keys away, then names that begin so, then sources
 * with such a word (`ultimate` is in the source of `uo`), else titles whose initials it is (`bb`: Bollinger bands).
 */
export function namesLike(text: string, definitions: Iterable<FeatureDefinition> = FEATURES.values()): string[] {
  const wanted = text.toLowerCase();
  const all = [...definitions];
  const names = [...all.map(({ name }) => name), ...REGISTERED_SETS.keys()];
  const slips = wanted.length <= 2 ? 0 : wanted.length <= 5 ? 1 : 2;
  const transposed = (name: string): boolean =>
    name.length === wanted.length && [...name].sort().join('') === [...wanted].sort().join('');
  const isNear = (name: string): boolean =>
    Math.abs(name.length - wanted.length) <= slips && editDistance(wanted, name) <= slips;
  const near = names.filter((name) => isNear(name) || transposed(name));
  near.sort((a, b) => editDistance(wanted, a) - editDistance(wanted, b));
  const words = ({ name, source }: FeatureDefinition): string[] => [name, ...source.toLowerCase().split(/[^a-z]+/)];
  const begin = wanted.length < 3 ? [] : all.filter((one) => words(one).some((word) => word.startsWith(wanted)));
  const inName = begin.filter(({ name }) => name.startsWith(wanted));
  const found = [...new Set([...near, ...[...inName, ...begin].map(({ name }) => name)])];
  if (found.length > 0) return found.slice(0, SUGGESTED);
  const initials = ({ source }: FeatureDefinition): string =>
    source
      .split(/[,:;.]/)[0]!
      .split(/[\s-]+/)
      .map((word) => word[0])
      .join('')
      .toLowerCase();
  return all.filter((one) => initials(one) === wanted).map(({ name }) => name);
}

/** The remedy for an unknown feature. */
export function suggestFeature(text: string, definitions?: Iterable<FeatureDefinition>): string {
  const names = namesLike(text, definitions).map((name) => `"${name}"`);
  if (names.length === 0) return '"signalbox features --list" shows every feature.';
  return names.length === 1
    ? `Did you mean ${names[0]}?`
    : `Did you mean ${names.slice(0, -1).join(', ')} or ${names.at(-1)}?`;
}

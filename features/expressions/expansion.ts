import { FeatureError, shown } from '../feature-error.ts';

/**
 * More expressions than one line may stand for: as many columns as a table or a model could take. As many are made and
 * read in 0.3 s.
 */
export const EXPANDED_MAX = 10_000;

/** A place to fill: `{period=7|14}` says its values, `{period}` repeats them. */
const PLACE = /\{([^{}]*)\}/g;
const NAME = /^[A-Za-z]\w*$/;
const REMEDY = 'Places read like lag(rsi({period=7|14}),{lag=1|2})@{timeframe=1d|1w}; {period} repeats one.';

/** Places that one line may have: each doubles what it stands for. */
const PLACES_MAX = 12;

interface Place {
  readonly values: readonly string[];
  /** One-based position of the values. */
  readonly position: number;
}

/**
 * Every expression that `text` stands for: each place takes each of its values, the last place fastest. A place that
 * stands several times has one value at a time. A text without places stands for itself.
 * @throws FeatureError for places that are not in order, and for more than `EXPANDED_MAX` expressions, before any is
 * made
 */
export function expandExpression(text: string): string[] {
  if (!/[{}]/.test(text.replaceAll(/"[^"]*"/g, ''))) return [text];
  const places = placesOf(text);
  const count = [...places.values()].reduce((product, { values }) => product * values.length, 1);
  if (count > EXPANDED_MAX) {
    const factors = [...places].map(([name, { values }]) => `${values.length} of ${name}`).join(' x ');
    const remedy = `Give fewer values; ${EXPANDED_MAX} expressions are the most.`;
    throw new FeatureError(`${factors} are ${count} expressions`, { expression: text, position: 1, remedy });
  }
  let filled = [text.replaceAll(PLACE, (_, inner: string) => `{${nameIn(inner)}}`)];
  for (const [name, { values }] of places) {
    filled = filled.flatMap((one) => values.map((value) => one.replaceAll(`{${name}}`, value)));
  }
  return filled;
}

/** The text with values for places that do not say theirs, as `{period}` beside `period: [7, 14]`. */
export function withValues(text: string, values: ReadonlyMap<string, readonly string[]>): string {
  const told = new Set<string>();
  return text.replaceAll(PLACE, (place, inner: string) => {
    const given = values.get(inner.trim());
    if (given === undefined || told.has(inner.trim())) return place;
    told.add(inner.trim());
    return `{${inner.trim()}=${given.join('|')}}`;
  });
}

/** The names of the places of a text. */
export function placeNames(text: string): Set<string> {
  return new Set(Array.from(text.matchAll(PLACE), ([, inner]) => nameIn(inner!)));
}

const nameIn = (inner: string): string => inner.split('=', 1)[0]!.trim();

function placesOf(text: string): Map<string, Place> {
  const places = new Map<string, Place>();
  const open = new Map<string, number>();
  const fail = (message: string, position: number): never => {
    throw new FeatureError(message, { expression: text, position, remedy: REMEDY });
  };
  const stray = /[{}]/.exec(text.replaceAll(PLACE, (place) => ' '.repeat(place.length)));
  if (stray !== null) fail(`"${stray[0]}" has no partner`, stray.index + 1);
  for (const { 1: inner = '', index } of text.matchAll(PLACE)) {
    const position = index + 2;
    const name = nameIn(inner);
    if (!NAME.test(name)) fail(`"{${shown(inner)}}" has no name`, position);
    if (!inner.includes('=')) {
      if (!places.has(name) && !open.has(name)) open.set(name, position);
      continue;
    }
    if (places.has(name)) fail(`{${shown(name)}} gets its values twice`, position);
    const values = inner
      .slice(inner.indexOf('=') + 1)
      .split('|')
      .map((value) => value.trim());
    if (values.includes('')) fail(`{${shown(name)}} has an empty value`, position);
    const seen = new Set<string>();
    const twice = values.find((value) => seen.size === seen.add(value).size);
    if (twice !== undefined) fail(`{${shown(name)}} names ${shown(twice)} twice`, position);
    places.set(name, { values, position });
    if (places.size > PLACES_MAX) fail(`More than ${PLACES_MAX} places`, position);
  }
  for (const [name, position] of open) {
    if (!places.has(name)) fail(`{${shown(name)}} has no values`, position);
  }
  return places;
}

import type { Argument, CallExpression } from '../expressions/expression-parser.ts';
import { suggest } from '../expressions/nearest-name.ts';
import { shown } from '../feature-error.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../timeframe.ts';
import { EVENT_KINDS } from './point-in-time-event.ts';
import { EVENT_MEASURES, type EventMeasure } from './event-kernel.ts';

/** What `events(news,count,5d)` says between its parentheses. */
export interface EventArguments {
  /** A kind, or a kind and a field: `news`, `fundamental.eps`. */
  readonly topic: string;
  readonly measure: EventMeasure;
  readonly spanMs: number;
}

type Fail = (message: string, position: number, remedy: string) => never;

/** Longest first: a span is written in the largest unit that it is a whole number of. */
const UNITS_MS: readonly (readonly [string, number])[] = [
  ['w', 7 * DAY_MS],
  ['d', DAY_MS],
  ['h', HOUR_MS],
  ['m', MINUTE_MS],
];
const SPAN = /^(\d{1,6})([mhdw])$/i;
/** Ten years: what is older is no news. */
const SPAN_MAX_MS = 3_660 * DAY_MS;
const EXAMPLE = 'As in events(news,count,5d) or events(fundamental.eps,surprise,90d).';

/** Reads the words of a call of `events`. `fail` throws with the position. */
export function readEventArguments({ positional, endPosition }: CallExpression, fail: Fail): EventArguments {
  const [about, measured, over, ...more] = positional;
  if (more.length > 0) fail('events takes a kind, a measure and a span', more[0]!.position, 'Remove what is too much.');
  const topic = wordOf(about, 'a kind of events', { endPosition, fail });
  const [kind, ...field] = topic.split('.');
  if (!EVENT_KINDS.some((known) => known === kind) || field.length > 1) {
    fail(`There are no events of kind "${shown(topic)}"`, about!.position, suggest(kind!, EVENT_KINDS));
  }
  const name = wordOf(measured, 'a measure', { endPosition, fail });
  const measure = EVENT_MEASURES.find((known) => known === name);
  if (measure === undefined) {
    return fail(`Unknown measure "${shown(name)}"`, measured!.position, suggest(name, EVENT_MEASURES));
  }
  return { topic, measure, spanMs: spanOf(over, { endPosition, fail }) };
}

/** A span as it is written: `5d`. */
export function spanText(spanMs: number): string {
  const [unit, unitMs] = UNITS_MS.find(([, ms]) => spanMs % ms === 0)!;
  return `${spanMs / unitMs}${unit}`;
}

interface Reading {
  readonly endPosition: number;
  readonly fail: Fail;
}

function wordOf(argument: Argument | undefined, what: string, { endPosition, fail }: Reading): string {
  if (argument?.kind !== 'word' || argument.timeframe !== null) {
    return fail(`events needs ${what}`, argument?.position ?? endPosition, EXAMPLE);
  }
  return argument.text;
}

function spanOf(argument: Argument | undefined, { endPosition, fail }: Reading): number {
  if (argument?.kind === 'number') {
    return fail(
      'events needs the unit of its span',
      argument.position,
      `Write ${argument.value}d, or m, h or w for d.`,
    );
  }
  const text = wordOf(argument, 'a span', { endPosition, fail });
  const match = SPAN.exec(text);
  const unitMs = UNITS_MS.find(([unit]) => unit === match?.[2]?.toLowerCase())?.[1] ?? NaN;
  const spanMs = Number(match?.[1]) * unitMs;
  if (spanMs > 0 && spanMs <= SPAN_MAX_MS) return spanMs;
  return fail(
    `"${shown(text)}" is no span`,
    argument!.position,
    'Write one from 1m to 3660d, such as 30m, 6h, 5d or 4w.',
  );
}

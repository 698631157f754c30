import { exp } from '../arithmetic.ts';
import { DAY_MS } from '../timeframe.ts';
import type { EventTimeline } from './event-timeline.ts';

/** What may be asked of the events that had become known by a close. */
export const EVENT_MEASURES = ['count', 'sum', 'mean', 'decay', 'last', 'age', 'surprise', 'until'] as const;
export type EventMeasure = (typeof EVENT_MEASURES)[number];

/** What each says, and what stands for it where there is nothing. */
export const MEASURE_WORDS: Readonly<Record<EventMeasure, string>> = {
  count: 'events that became known within SPAN',
  sum: 'sum of their values, 0 for none',
  mean: 'mean of their values, 0 for none',
  decay: 'sum of values with half-life SPAN since they became known; an event without a value counts 1',
  last: 'value of the newest of them by its own time, 0 for none',
  age: 'days since the newest of them became known, SPAN for none',
  surprise: 'value less what was expected, of the newest that has both, 0 for none',
  until: 'days until the next one that is still to come, at most SPAN',
};

/** A contribution is left out once it is below 2^-20 of what it was, a millionth. */
const HALF_LIVES = 20;
const LN2 = 0.6931471805599453;

/** Rows that are looked at: `[from, to)` of a timeline, at a moment, and the earliest moment that counts. */
interface Looked {
  readonly events: EventTimeline;
  readonly from: number;
  readonly to: number;
  readonly atMs: number;
  readonly sinceMs: number;
}

/**
 * A measure of events at each close. What it gives is a function of the close and of the events known by then alone:
 * batch, stream and a restored stream cannot differ, and it has no memory to save. `#` keeps its places in the timeline
 * out of what is saved.
 */
export class EventKernel {
  readonly #events: EventTimeline;
  readonly #measure: EventMeasure;
  readonly #spanMs: number;
  #from = 0;
  #to = 0;

  constructor(events: EventTimeline, measure: EventMeasure, spanMs: number) {
    this.#events = events;
    this.#measure = measure;
    this.#spanMs = spanMs;
  }

  /** The measure at `closeTimeMs`, no earlier than the one before. */
  next({ closeTimeMs: atMs }: { readonly closeTimeMs: number }): number {
    const events = this.#events;
    const spanMs = this.#spanMs;
    const reachMs = this.#measure === 'until' ? Infinity : this.#measure === 'decay' ? HALF_LIVES * spanMs : spanMs;
    const sinceMs = atMs - reachMs;
    this.#to = events.knownBy(atMs, this.#to);
    if (sinceMs > -Infinity) this.#from = events.knownBy(sinceMs, this.#from);
    const looked = { events, from: this.#from, to: this.#to, atMs, sinceMs };
    switch (this.#measure) {
      case 'count':
        return countOf(looked);
      case 'sum':
      case 'mean':
        return totalOf(looked, this.#measure === 'mean');
      case 'decay':
        return decayedSum(looked, spanMs);
      case 'age':
        return ageOf(looked, spanMs);
      case 'until':
        return untilNext(looked, spanMs);
      case 'last':
      case 'surprise':
        return newestValue(looked, this.#measure === 'surprise');
    }
  }
}

/** Whether row `i` is what is known of its event at that moment, and the event became known within the span. */
function counts({ events, atMs, sinceMs }: Looked, i: number): boolean {
  return atMs < events.replacedMs[i]! && events.firstKnownMs[i]! > sinceMs;
}

function countOf(looked: Looked): number {
  let count = 0;
  for (let i = looked.from; i < looked.to; i++) if (counts(looked, i)) count += 1;
  return count;
}

function totalOf(looked: Looked, mean: boolean): number {
  const { values } = looked.events;
  let sum = 0;
  let count = 0;
  for (let i = looked.from; i < looked.to; i++) {
    if (values[i] !== values[i] || !counts(looked, i)) continue;
    sum += values[i]!;
    count += 1;
  }
  return mean && count > 0 ? sum / count : sum;
}

function decayedSum(looked: Looked, halfLifeMs: number): number {
  const { values, firstKnownMs } = looked.events;
  let sum = 0;
  for (let i = looked.from; i < looked.to; i++) {
    if (!counts(looked, i)) continue;
    const value = values[i] === values[i] ? values[i]! : 1;
    sum += value * exp((-LN2 * (looked.atMs - firstKnownMs[i]!)) / halfLifeMs);
  }
  return sum;
}

/** Of the newest by its own time, which a correction of an older one does not become. */
function newestValue(looked: Looked, surprise: boolean): number {
  const { values, expected, eventMs } = looked.events;
  let newest = -1;
  for (let i = looked.from; i < looked.to; i++) {
    const value = surprise ? values[i]! - expected[i]! : values[i]!;
    if (value !== value || !counts(looked, i)) continue;
    if (newest < 0 || eventMs[i]! >= eventMs[newest]!) newest = i;
  }
  if (newest < 0) return 0;
  return surprise ? values[newest]! - expected[newest]! : values[newest]!;
}

function ageOf(looked: Looked, spanMs: number): number {
  const { firstKnownMs } = looked.events;
  let newestMs = -Infinity;
  for (let i = looked.from; i < looked.to; i++) {
    if (counts(looked, i)) newestMs = Math.max(newestMs, firstKnownMs[i]!);
  }
  return Math.min(spanMs, looked.atMs - newestMs) / DAY_MS;
}

function untilNext(looked: Looked, spanMs: number): number {
  const { eventMs } = looked.events;
  let nextMs = Infinity;
  for (let i = looked.from; i < looked.to; i++) {
    if (eventMs[i]! > looked.atMs && counts(looked, i)) nextMs = Math.min(nextMs, eventMs[i]!);
  }
  return Math.min(spanMs, nextMs - looked.atMs) / DAY_MS;
}

import type { ResolvedCall } from '../expressions/expression-resolver.ts';
import { FeatureError } from '../feature-error.ts';
import type { EventFeature } from '../kernel.ts';
import { MARKET, type EventBook } from './event-book.ts';
import { EventKernel, MEASURE_WORDS, type EventMeasure } from './event-kernel.ts';

const measures = Object.entries(MEASURE_WORDS).map(([measure, words]) => `${measure}: ${words}`);

/** `events(KIND,MEASURE,SPAN)`: what had become known by the close of a bar, counted or summed up. */
export const events: EventFeature = {
  name: 'events',
  version: 1,
  source:
    'Point-in-time events of a kind (news, sentiment, fundamental, calendar, or with a field as in fundamental.eps). ' +
    `Measures: ${measures.join('; ')}. A correction counts from when it became known.`,
  inputs: 'events',
  parameters: [],
  choices: [
    { name: 'scope', values: ['symbol', 'market'], meaning: 'events of the symbol, or those of the whole market' },
  ],
  warmUp: () => 0,
  create: ([spanMs], { measure }, timeline) => new EventKernel(timeline, measure as EventMeasure, spanMs!),
};

/** The kernel of a call for one symbol. Throws FeatureError where the features are computed without events. */
export function eventKernel(
  definition: EventFeature,
  { numbers, choices, text }: ResolvedCall,
  { events: book, symbol }: { readonly events: EventBook | null; readonly symbol: string },
): EventKernel {
  if (book === null) {
    throw new FeatureError(`${text} is made of events, and none are given here.`, {
      remedy: 'Name their files or the store under events: in an experiment.',
    });
  }
  const whose = choices['scope'] === 'market' ? MARKET : symbol;
  return definition.create(numbers, choices, book.timeline(whose, choices['topic']!));
}

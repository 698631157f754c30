import type { EventFeature } from '../kernel.ts';
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

import type { ResolvedCall } from '../expressions/expression-resolver.ts';
import { FeatureError } from '../feature-error.ts';
import type { EventFeature } from '../kernel.ts';
import type { EventBook } from './event-book.ts';
import type { EventKernel } from './event-kernel.ts';
import { MARKET } from './point-in-time-event.ts';

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

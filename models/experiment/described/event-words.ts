import type { KeyWords } from './described-key.ts';

/** Words of the keys under `events`. */
export const EVENT_WORDS: Readonly<Record<string, KeyWords>> = {
  events: ['What events(...) among the features is made of: files, or sources on record'],
  'events.file': ['CSV file of events, each with the time at which it became known'],
  'events.kind': ['Kind of all its rows: news, sentiment, fundamental, calendar'],
  'events.source': ['Whose its rows are, where no column says it'],
  'events.columns': ['Which column of the file holds what'],
  'events.columns.known': ['Column of the time at which an event became known'],
  'events.columns.time': ['Column of the time of the event itself'],
  'events.columns.symbol': ['Column of the symbol; an empty cell is the whole market'],
  'events.columns.kind': ['Column of the kind'],
  'events.columns.field': ['Column of what of the kind, such as eps'],
  'events.columns.value': ['Column of the value'],
  'events.columns.expected': ['Column of what was expected of the value'],
  'events.columns.text': ['Column of the headline'],
  'events.columns.id': ['Column of what tells an event from others'],
  'events.columns.revision': ['Column that counts corrections of one id, from 0'],
  'events.columns.source': ['Column of whose the row is'],
  'events.delay': ['Rows without a known time became known so long after their own: 15m, 24h'],
  'events.timezone': ['Zone of times that name none'],
  'events.sentiment': ['Give each headline a sentiment by a list of words'],
  'events.stored': ['Sources on record: alpaca-news, or what a file was ingested as'],
};

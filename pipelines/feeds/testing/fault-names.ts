/** What a stand-in does to a client in the middle of things. */
export const STREAM_FAULTS = [
  'none',
  'closes',
  'cuts',
  'stalls',
  'repeats',
  'reorders',
  'skips',
  'late',
  'garbage',
  'refusals',
  'everything',
] as const;
export type StreamFault = (typeof STREAM_FAULTS)[number];

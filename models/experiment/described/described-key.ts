/** What a key is, and the unit of its number. */
export type KeyWords = readonly [words: string, unit?: string];

/** Text that PostgreSQL and JSON can hold: characters of code 0 and halves of characters become U+FFFD. */
export function storableText(text: string): string {
  return text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
}

/** Only as an escape can JSON spell what cannot be stored. */
const UNSTORABLE = /\\u(0000|d[89a-f])/i;

/** The value that JSON from outside spells, its texts fit to be stored. @throws SyntaxError */
export function parseStorable(json: string): unknown {
  if (!UNSTORABLE.test(json)) return JSON.parse(json);
  return JSON.parse(json, (_key, value: unknown) => (typeof value === 'string' ? storableText(value) : value));
}

/**
 * The first `lengthMax` characters of `text`, and no half of a character at the end: JSON would spell it as an escape
 * that PostgreSQL refuses to store.
 */
export function cutText(text: string, lengthMax: number): string {
  return text.slice(0, wholeEnd(text, lengthMax));
}

/** At most `end`, and not between the two halves of a character. */
export function wholeEnd(text: string, end: number): number {
  const before = end > 0 && end < text.length ? text.charCodeAt(end - 1) : 0;
  return before >= 0xd800 && before <= 0xdbff ? end - 1 : end;
}

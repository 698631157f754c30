import { findConfigured, longestSecret } from './configured-secrets.ts';
import { storableText, wholeEnd } from './storable-text.ts';

/** What is hidden, and what stands there instead. */
interface Hidden {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

const MARK = '***';

/** How much is read beyond a cut, so that a secret that begins before it is seen whole. */
const BEYOND_CUT = 4096;

/**
 * The end of a name that says what its value is, up to the value: `API_SECRET_KEY=`, `"apiKey": `,
 * `"key":"token","value":`.
 */
const KEY =
  /(?:(authorization|cookie)|(?:pass(?:word|wd|phrase)|pwd|token|secret|(?:api|access|private|auth)[_-]?key)(?:[_-]?(?:key|id))?)(\\*["'])?\s*(?:[=:]|,\s*\\*["']value\\*["']\s*:)\s*/gi;
const OPENING_QUOTE = /(\\*)(["'])/y;
const BARE_VALUE = /(?:[^\s&,;"'\\]|\\(?![nrt"'\\]))+/y;
const HEADER_VALUE = /[^\r\n"']+/y;
const NUMBER = /-?\d[\d.eE+-]*/y;
const NO_TEXT = /[[{]|null\b|true\b|false\b/y;

/** `Basic dXNlcjpwYXNz`, wherever it stands; not the words `basic authentication`. */
const SCHEME = /\b(?:bearer|basic)\s+([A-Za-z0-9+/._~-]{8,}=*)/gi;
const LOOKS_RANDOM = /\d|=|[a-z][A-Z]/;

const ADDRESS = /:(?:\\*\/){2}/g;
const AUTHORITY = /[^\s"']*/y;

/**
 * The first `lengthMax` characters of `text` without its secrets: configured values in every spelling, the passwords of
 * URLs (`scheme://user:***@host`), headers that carry credentials, and the values of names such as `password=`,
 * `"apiKey":` and `token=`. A secret that the cut goes through is hidden whole. The work grows with the text that is
 * kept, not faster. Errors and log lines pass through it before they leave the process. What PostgreSQL stores in no
 * text is replaced, since the words of others are kept there.
 */
export function maskSecrets(text: string, lengthMax = Infinity): string {
  const seen = text.slice(0, lengthMax + Math.max(BEYOND_CUT, longestSecret()));
  const limit = wholeEnd(seen, Math.min(lengthMax, seen.length));
  const hidden: Hidden[] = [
    ...findConfigured(seen).map((span) => ({ ...span, mark: MARK })),
    ...passwordsInAddresses(seen, seen.length < text.length),
    ...namedValues(seen),
    ...schemeCredentials(seen),
  ].sort((a, b) => a.start - b.start || b.end - a.end);
  if (hidden.length === 0) return storableText(seen.slice(0, limit));
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, mark } of hidden) {
    if (start >= limit) break;
    // What overlaps the last one only makes it longer.
    if (start >= at) parts.push(seen.slice(at, start), mark);
    at = Math.max(at, end);
  }
  return storableText(parts.join('') + seen.slice(at, limit));
}

/**
 * A JSON document without its secrets: still a JSON document where it was one. Numbers stay as they are, whatever is
 * configured.
 */
export function maskJson(text: string): string {
  const masked = maskSecrets(text);
  if (masked === text || isJson(masked) || !isJson(text)) return masked;
  return JSON.stringify(JSON.parse(text), (_, value: unknown) =>
    typeof value === 'string' ? maskSecrets(value) : value,
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // Not JSON is an answer here, not a failure.
    return false;
  }
}

/** Passwords that hold `@`, `/` and `:` too: everything up to the last `@` before a blank or a quote. */
function passwordsInAddresses(text: string, isCut: boolean): Hidden[] {
  const hidden: Hidden[] = [];
  ADDRESS.lastIndex = 0;
  for (let match = ADDRESS.exec(text); match !== null; match = ADDRESS.exec(text)) {
    const start = ADDRESS.lastIndex;
    AUTHORITY.lastIndex = start;
    const authority = AUTHORITY.exec(text)![0];
    ADDRESS.lastIndex = start + authority.length;
    const colon = authority.search(/[:/?#[]/);
    if (authority[colon] !== ':') continue;
    const at = authority.lastIndexOf('@');
    if (at > colon) hidden.push({ start: start + colon + 1, end: start + at, mark: MARK });
    // Whether it is a password stands behind the cut.
    else if (isCut && start + authority.length === text.length) {
      hidden.push({ start: start + colon + 1, end: text.length, mark: MARK });
    }
  }
  return hidden;
}

function namedValues(text: string): Hidden[] {
  const hidden: Hidden[] = [];
  KEY.lastIndex = 0;
  for (let match = KEY.exec(text); match !== null; match = KEY.exec(text)) {
    const value = valueAt(text, KEY.lastIndex, { header: match[1] !== undefined, keyQuote: match[2] });
    if (value === null) continue;
    if (value.end > value.start) hidden.push(value);
    KEY.lastIndex = Math.max(KEY.lastIndex, value.end);
  }
  return hidden;
}

interface KeyBefore {
  readonly header: boolean;
  /** The quote that closes the name, as in JSON. */
  readonly keyQuote: string | undefined;
}

/** The value that begins at `start`; null where there is none to hide. */
function valueAt(text: string, start: number, { header, keyQuote }: KeyBefore): Hidden | null {
  const quote = matchAt(OPENING_QUOTE, text, start);
  if (quote !== null) {
    const begin = start + quote[0].length;
    return { start: begin, end: closingQuote(text, begin, quote), mark: MARK };
  }
  const number = keyQuote === undefined ? null : matchAt(NUMBER, text, start);
  if (number !== null) return { start, end: start + number[0].length, mark: `${keyQuote}${MARK}${keyQuote}` };
  if (keyQuote !== undefined && matchAt(NO_TEXT, text, start) !== null) return null;
  const bare = matchAt(header ? HEADER_VALUE : BARE_VALUE, text, start);
  return bare === null ? null : { start, end: start + bare[0].length, mark: MARK };
}

/**
 * Where the quoted text that begins at `begin` ends; the end of `text` where it does not. A quote behind n backslashes
 * is closed by one behind as many: a JSON string may hold another, whose own escapes then have 2 (n + 1) more.
 */
function closingQuote(text: string, begin: number, [, { length: depth }, mark]: string[]): number {
  for (let at = text.indexOf(mark!, begin); at >= 0; at = text.indexOf(mark!, at + 1)) {
    let slashes = at;
    while (slashes > begin && text[slashes - 1] === '\\') slashes -= 1;
    const before = at - slashes;
    if (before < depth) return at - before;
    if ((before - depth) % (2 * (depth + 1)) === 0) return at - depth;
  }
  return text.length;
}

function schemeCredentials(text: string): Hidden[] {
  return [...text.matchAll(SCHEME)]
    .filter(([, credentials]) => LOOKS_RANDOM.test(credentials!))
    .map(({ 0: all, 1: credentials, index }) => {
      const end = index + all.length;
      return { start: end - credentials!.length, end, mark: MARK };
    });
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

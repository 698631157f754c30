/**
 * Shorter values are not looked for: they would black out half of every text. Inside a URL, a header or `password=`
 * they are hidden all the same.
 */
const LENGTH_MIN = 4;

/** A shorter path, such as `/alerts`, is no secret, and a word of other texts. */
const WEBHOOK_PATH_MIN = 12;

/**
 * Characters that base64 makes of a value wholly, by how many bytes of other text stand before it in its group of
 * three.
 */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8');
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const whole = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

/** A value as the parts of a URL spell it. */
function urlForms(value: string): string[] {
  // Half a surrogate pair has no spelling in a URL.
  const whole = Buffer.from(value, 'utf8').toString('utf8');
  const component = encodeURIComponent(whole);
  const strict = component.replace(/[!'()*~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  const forms = [component, strict, strict.replaceAll('%20', '+'), encodeURI(whole)];
  const address = new URL('http://host');
  address.password = value;
  return [...forms, address.password, ...forms.map((form) => form.replace(/%../g, (code) => code.toLowerCase()))];
}

/** A character as JSON may spell it. */
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
const inCapitals = (text: string): string =>
  text.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);

/**
 * What writers of JSON escape besides what they must: nothing; what HTML reads (Go, then Flask); what is not ASCII
 * (Python); and strokes (PHP), alone and with that.
 */
const ESCAPED: readonly RegExp[] = [/(?!)/g, /[&<>]/g, /[&<>']/g, /[^\0-\x7e]/g];

/** The text of a JSON string that holds `value`, by each writer. */
function jsonForms(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const forms = ESCAPED.map((characters) => plain.replace(characters, escape));
  return [...forms, ...forms.map((form) => form.replaceAll('/', '\\/'))].flatMap((form) => [form, inCapitals(form)]);
}

/** A value inside a JSON string, inside a JSON string inside another, and in HTML. */
function quotedForms(value: string): string[] {
  const html = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
  const json = jsonForms(value);
  return [...json, ...json.map((form) => JSON.stringify(form).slice(1, -1)), html, html.replaceAll("'", '&#39;')];
}

/** The ways in which `value` may stand in a text. */
function formsOf(value: string): string[] {
  return [value, ...urlForms(value), ...quotedForms(value), ...base64Forms(value)];
}

/** A piece of a text, its end exclusive. */
interface Span {
  start: number;
  end: number;
}

const known = new Set<string>();
let pattern: RegExp | null = null;
let longest = 0;

/** Values that no text shows from here on: keys and passwords, as they are and as other texts spell them. */
export function keepSecret(values: readonly (string | null | undefined)[]): void {
  const news = values.filter((value) => typeof value === 'string').filter((value) => value.length >= LENGTH_MIN);
  const forms = [...new Set(news.flatMap(formsOf))].filter((form) => form.length >= LENGTH_MIN && !known.has(form));
  if (forms.length === 0) return;
  for (const form of forms) known.add(form);
  // The longest first: at one place the first alternative that fits is taken.
  const byLength = [...known].sort((a, b) => b.length - a.length);
  longest = byLength[0]!.length;
  pattern = new RegExp(byLength.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g');
}

/** The password in `url` as it is written and as it is meant; nothing where there is none. */
export function passwordsOf(url: string | null): string[] {
  if (url === null || !URL.canParse(url)) return [];
  const { password } = new URL(url);
  const raw = /^[^:]*:\/\/[^:/]*:(.*)@/s.exec(url)?.[1] ?? '';
  return [password, raw, ...[password, raw].flatMap(decoded)].filter((text) => text !== '');
}

/** An address that is a secret itself: all of it, and what makes it more than the name of a host. */
export function addressSecrets(url: string | undefined): string[] {
  if (url === undefined) return [];
  const { href, pathname, search, password } = new URL(url);
  const paths = [`${pathname}${search}`, pathname].filter((text) => text.length >= WEBHOOK_PATH_MIN);
  return [url, href, ...paths, ...(password === '' ? [] : passwordsOf(url))];
}

function decoded(text: string): string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    // A bare percent sign: the text stands for itself.
    return [];
  }
}

/** The length of the longest text that is looked for. */
export function longestSecret(): number {
  return longest;
}

/** Everything in `text` that must not be shown, in order; no two overlap. */
export function findConfigured(text: string): Span[] {
  const spans: Span[] = [];
  if (pattern === null) return spans;
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const end = match.index + match[0].length;
    const last = spans.at(-1);
    if (last !== undefined && match.index <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start: match.index, end });
    // One value may begin inside another.
    pattern.lastIndex = match.index + 1;
  }
  return spans;
}

import { CST, isScalar, Lexer, visit, type Document, type LineCounter } from 'yaml';
import { InputError } from '../errors.ts';

/** A universe of 100,000 symbols fits. */
const CHARACTERS_MAX = 1 << 20;
/** A settings file goes five or six levels deep. */
const DEPTH_MAX = 32;
const INDENT_MAX = 128;
/** Signs one after the other with no value between them. */
const SIGNS_MAX = 100;

const OPENING = new Set(['flow-map-start', 'flow-seq-start']);
const CLOSING = new Set(['flow-map-end', 'flow-seq-end']);
const NESTING = new Set(['seq-item-ind', 'explicit-key-ind', 'map-value-ind']);
const BLANK = new Set(['space', 'newline', 'comment', 'byte-order-mark', 'doc-mode', 'flow-error-end']);
/** What the lexer puts before the text of a plain scalar. */
const SCALAR = '\u001f';

/**
 * What no setting holds: characters that move a terminal or that PostgreSQL does not store, and halves of a character.
 * Tabs and line ends are text.
 */
const UNPRINTABLE = new RegExp(String.raw`[\0-\u0008\u000b-\u001f\u007f-\u009f]|\p{Surrogate}`, 'u');

function refuse(source: string, line: number, problem: string): never {
  throw new InputError(`${source}:${line}: ${problem}.`, 'Give a settings file, and correct this line.');
}

/** Counts what makes the parser go deeper, by the lexer's tokens. */
class Depth {
  readonly #source: string;
  #flow = 0;
  #inLine = 0;
  #signs = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
  }

  take(type: string | null, text: string): void {
    if (type === 'newline') {
      this.#line++;
      this.#inLine = 0;
    } else if (type === 'space' && text.length > INDENT_MAX && this.#inLine === 0) {
      refuse(this.#source, this.#line, `${text.length} blanks in a row where ${INDENT_MAX} are the most`);
    } else if (OPENING.has(type ?? '')) this.#flow++;
    else if (CLOSING.has(type ?? '')) this.#flow = Math.max(0, this.#flow - 1);
    else if (NESTING.has(type ?? '') && (this.#flow === 0 || type === 'explicit-key-ind')) this.#inLine++;
    if (this.#flow > DEPTH_MAX || this.#inLine > DEPTH_MAX) {
      refuse(this.#source, this.#line, `nested more than ${DEPTH_MAX} levels deep`);
    }
    this.#count(type);
  }

  /** A value, which may go over several lines. */
  value(text: string): void {
    this.#signs = 0;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#line++;
  }

  #count(type: string | null): void {
    if (BLANK.has(type ?? '')) return;
    this.#signs++;
    if (this.#signs > SIGNS_MAX) refuse(this.#source, this.#line, `more than ${SIGNS_MAX} signs without a value`);
  }
}

/**
 * Refuses text that would keep the YAML parser busy: it goes as deep as the text says, until the stack or the process
 * ends, and some of its work grows with the square of the depth. Throws InputError with the line.
 */
export function assertBounded(text: string, source: string): void {
  if (text.length > CHARACTERS_MAX) {
    throw new InputError(
      `${source}: ${text.length} characters, and ${CHARACTERS_MAX} are the most.`,
      'Give a settings file.',
    );
  }
  const zero = text.indexOf('\0');
  if (zero !== -1) refuse(source, text.slice(0, zero).split('\n').length, 'a character of code 0, which no text holds');
  const depth = new Depth(source);
  let isScalarText = false;
  for (const token of new Lexer().lex(text)) {
    if (isScalarText) {
      depth.value(token);
      isScalarText = false;
      continue;
    }
    if (token === SCALAR) {
      isScalarText = true;
      continue;
    }
    const type = CST.tokenType(token);
    if (type === 'alias' || type?.endsWith('-scalar') === true) depth.value(token);
    else depth.take(type, token);
  }
}

/**
 * The first key that a mapping has twice, and where it stands; null where there is none. The parser's own check
 * compares each key with all others.
 */
export function repeatedKey(document: Document.Parsed): { readonly key: string; readonly offset: number } | null {
  let found: { key: string; offset: number } | null = null;
  visit(document, {
    Map: (_, map) => {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          found = { key: String(key.value), offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        keys.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

/**
 * Refuses names and values that hold control characters or halves of a character, which YAML can spell (`"\\e"`).
 * Throws InputError with the line.
 */
export function requirePrintable(document: Document.Parsed, lines: LineCounter, source: string): void {
  visit(document, {
    Scalar: (_, { value, range }) => {
      if (typeof value !== 'string') return;
      const found = UNPRINTABLE.exec(value)?.[0];
      if (found === undefined) return;
      const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
      refuse(source, lines.linePos(range?.[0] ?? 0).line, `a text holds a control character (U+${code})`);
    },
  });
}

/**
 * The value of a document. Throws InputError for aliases without an anchor, and for so many that they could multiply.
 */
export function plainValue(document: Document.Parsed, lines: LineCounter, source: string): unknown {
  try {
    return document.toJS() as unknown;
  } catch (cause) {
    if (!(cause instanceof ReferenceError)) throw cause;
    let first = 0;
    visit(document, {
      Alias: (_, alias) => {
        if (alias.resolve(document) !== undefined) return undefined;
        first = alias.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    const where = first === 0 ? source : `${source}:${lines.linePos(first).line}`;
    throw new InputError(`${where}: not valid YAML: ${cause.message}`, 'Write the values out.', cause);
  }
}

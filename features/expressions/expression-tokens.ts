import { FeatureError } from '../feature-error.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'text' | 'mark' | 'end';
  readonly text: string;
  /** One-based position of the first character. */
  readonly position: number;
}

/** In the order they are tried. A word may hold the characters of ticker symbols: BRK.B, BTC/USD, ^GSPC. */
const PATTERNS: readonly [Token['kind'], RegExp][] = [
  ['number', /[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?(?![A-Za-z0-9])/iy],
  ['word', /[A-Za-z^_][\w^/:-]*(\.[A-Za-z][\w^/:-]*)*/y],
  ['word', /\d+[A-Za-z]+/y],
  ['text', /"[^"]*"/y],
  ['mark', /[(),@.=]/y],
];

function firstToken(expression: string, at: number): { kind: Token['kind']; text: string } | undefined {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const text = pattern.exec(expression)?.[0] ?? '';
    if (text !== '') return { kind, text };
  }
  return undefined;
}

/** Splits `expression` into tokens, ending with one of kind `end`. */
export function tokenize(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(expression[at] ?? '')) at += 1;
    if (at >= expression.length) break;
    const found = firstToken(expression, at);
    if (found === undefined) {
      throw new FeatureError(`Unexpected character "${expression[at]}"`, {
        expression,
        position: at + 1,
        remedy: 'A feature reads like rsi(14), lag(rsi(14),3), ema(20)@1w or macd(12,26,9).signal.',
      });
    }
    const { text } = found;
    tokens.push({ kind: found.kind, text: found.kind === 'text' ? text.slice(1, -1) : text, position: at + 1 });
    at += text.length;
  }
  tokens.push({ kind: 'end', text: '', position: expression.length + 1 });
  return tokens;
}

/** A member of a list without the blanks around it, and how many characters of the list come before it. */
export interface ListMember {
  readonly text: string;
  readonly offset: number;
}

/**
 * Splits a list such as `rsi(14),macd(12,26,9)` at the commas outside parentheses and quotes. Empty members are kept.
 */
export function splitExpressions(list: string): ListMember[] {
  const parts: ListMember[] = [];
  const keep = (from: number, to: number): void => {
    const part = list.slice(from, to);
    parts.push({ text: part.trim(), offset: from + part.length - part.trimStart().length });
  };
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < list.length; i++) {
    const character = list[i];
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === ',' && depth <= 0) {
      keep(start, i);
      start = i + 1;
    }
  }
  keep(start, list.length);
  return parts;
}

import { type Token, tokenize } from './expression-tokens.ts';
import { FeatureError, shown } from '../feature-error.ts';

/** What the text of a feature says, before any name in it has been looked up. Positions are one-based characters. */
export type Expression = CallExpression | WordExpression;

export interface CallExpression {
  readonly kind: 'call';
  readonly name: string;
  readonly position: number;
  readonly endPosition: number;
  readonly positional: readonly Argument[];
  readonly named: readonly NamedArgument[];
  readonly timeframe: Marked | null;
  readonly output: Marked | null;
}

/** A bare word: a price series such as `close`, or a symbol where one is wanted. */
interface WordExpression {
  readonly kind: 'word';
  readonly text: string;
  readonly position: number;
  readonly timeframe: Marked | null;
}

interface NumberArgument {
  readonly kind: 'number';
  readonly value: number;
  readonly position: number;
}

export type Argument = Expression | NumberArgument;

export interface Marked {
  readonly text: string;
  readonly position: number;
}

export interface NamedArgument {
  readonly name: Marked;
  readonly value: Marked;
}

/** Features within features: the longest that anybody writes have four or five levels. */
const DEPTH_MAX = 32;

/** Reads one expression; throws FeatureError with the position where the text stops making sense. */
export function parseExpression(expression: string): Expression {
  const parser = new Parser(expression);
  const result = parser.expression();
  parser.expect('end');
  return result;
}

class Parser {
  readonly #text: string;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  expression(): Expression {
    const token = this.#take();
    if (token.kind === 'text') return { kind: 'word', text: token.text, position: token.position, timeframe: null };
    if (token.kind !== 'word') this.#fail(`Expected the name of a feature, found ${describe(token)}`, token);
    if (this.#peek('(')) return this.#call(token);
    return { kind: 'word', text: token.text, position: token.position, timeframe: this.#suffix('@') };
  }

  expect(kind: 'end' | ')'): Token {
    const token = this.#take();
    const fits = kind === 'end' ? token.kind === 'end' : token.kind === 'mark' && token.text === kind;
    if (!fits) this.#fail(`Expected ${kind === 'end' ? 'the end' : `"${kind}"`}, found ${describe(token)}`, token);
    return token;
  }

  #call(name: Token): CallExpression {
    this.#depth++;
    if (this.#depth > DEPTH_MAX) this.#fail(`Features stand within features more than ${DEPTH_MAX} levels deep`, name);
    this.#take();
    const positional: Argument[] = [];
    const named: NamedArgument[] = [];
    while (!this.#peek(')')) {
      if (positional.length + named.length > 0) this.#comma();
      const argument = this.#argument();
      if ('name' in argument && !('kind' in argument)) named.push(argument);
      else positional.push(argument as Argument);
    }
    const endPosition = this.expect(')').position;
    this.#depth--;
    const early = this.#suffix('.');
    const timeframe = this.#suffix('@');
    const output = early ?? this.#suffix('.');
    const { text, position } = name;
    return { kind: 'call', name: text, position, endPosition, positional, named, timeframe, output };
  }

  #argument(): Argument | NamedArgument {
    const token = this.#tokens[this.#at]!;
    if (token.kind === 'number') {
      this.#take();
      return { kind: 'number', value: Number(token.text), position: token.position };
    }
    const next = this.#tokens[this.#at + 1];
    if (token.kind === 'word' && next?.kind === 'mark' && next.text === '=') {
      this.#at += 2;
      const value = this.#take();
      if (value.kind === 'mark' || value.kind === 'end') this.#fail(`Expected a value after "="`, value);
      return { name: token, value };
    }
    return this.expression();
  }

  #comma(): void {
    const token = this.#take();
    if (token.kind !== 'mark' || token.text !== ',') this.#fail(`Expected "," or ")", found ${describe(token)}`, token);
  }

  /**
   * The word after `mark`, if `mark` comes next. A timeframe such as `1h.signal` is one word to the tokenizer only up
   * to the dot.
   */
  #suffix(mark: '@' | '.'): Marked | null {
    if (!this.#peek(mark)) return null;
    this.#take();
    const token = this.#take();
    if (token.kind !== 'word') {
      this.#fail(
        `Expected ${mark === '@' ? 'a timeframe after "@"' : 'an output after "."'}, found ${describe(token)}`,
        token,
      );
    }
    return token;
  }

  #peek(mark: string): boolean {
    const token = this.#tokens[this.#at]!;
    return token.kind === 'mark' && token.text === mark;
  }

  #take(): Token {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  #fail(message: string, token: Token): never {
    const remedy = 'A feature reads like rsi(14), lag(rsi(14),3), ema(20)@1w or macd(12,26,9).signal.';
    throw new FeatureError(message, { expression: this.#text, position: token.position, remedy });
  }
}

function describe(token: Token): string {
  return token.kind === 'end' ? 'the end' : `"${shown(token.text)}"`;
}

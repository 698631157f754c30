import { readEventArguments, spanText } from '../events/event-arguments.ts';
import { suggestFeature, usageOf } from './catalogue.ts';
import type { Argument, CallExpression, Expression, Marked, NamedArgument } from './expression-parser.ts';
import { FeatureError, shown } from '../feature-error.ts';
import type { Choices, EventFeature, FeatureDefinition, Parameter } from '../kernel.ts';
import { nearestName, suggest } from './nearest-name.ts';
import { FEATURES } from '../registry.ts';
import { type SeriesName, SERIES_NAMES } from '../series.ts';
import { FEATURE_TIMEFRAMES, timeframeMs } from '../timeframe.ts';

/** A feature with every name looked up and every default filled in. */
export interface ResolvedCall {
  readonly definition: FeatureDefinition;
  readonly numbers: readonly number[];
  readonly choices: Choices;
  readonly inputs: readonly ResolvedInput[];
  /** The other symbol of a `symbol` feature. */
  readonly symbol: string | null;
  /** Longer timeframe it is computed in; null for that of the set (or of the call around it). */
  readonly timeframe: string | null;
  /** Normal form as written by a user: defaults filled in, conventions only where they differ from the default. */
  readonly text: string;
  /** Normal form with every convention and version: what a hash must cover. */
  readonly identity: string;
}

export type ResolvedInput =
  | { readonly kind: 'call'; readonly call: ResolvedCall; readonly output: number }
  | { readonly kind: 'series'; readonly name: SeriesName; readonly timeframe: string | null };

export interface ResolverOptions {
  readonly expression: string;
  readonly timeframe: string;
  readonly symbols: readonly string[];
  /** What may be named; the registry unless a test brings features of its own. */
  readonly registry?: ReadonlyMap<string, FeatureDefinition>;
}

/** Looks up the names of one parsed expression. Throws FeatureError with position and nearest name. */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #registry: ReadonlyMap<string, FeatureDefinition>;

  constructor(options: ResolverOptions) {
    this.#options = options;
    this.#registry = options.registry ?? FEATURES;
  }

  /**
   * `inside` is the timeframe that a surrounding call has already chosen. `output` is -1 where all outputs are meant.
   */
  resolve(expression: Expression, inside: string | null): ResolvedInput {
    const timeframe = this.#timeframe(expression.timeframe, inside);
    if (expression.kind === 'word') {
      const name = SERIES_NAMES.find((series) => series === expression.text.toLowerCase());
      if (name === undefined) {
        const remedy = this.#registry.has(expression.text.toLowerCase())
          ? `Write ${shown(expression.text)}().`
          : this.#suggestWord(expression.text);
        this.#fail(`Unknown series "${shown(expression.text)}"`, expression.position, remedy);
      }
      return { kind: 'series', name, timeframe };
    }
    const call = this.#call(expression, timeframe, inside);
    return { kind: 'call', call, output: this.#output(expression, call.definition) };
  }

  /** A series a slip of the keys away, else a feature. */
  #suggestWord(text: string): string {
    const series = nearestName(text, SERIES_NAMES, 1);
    return series === null ? suggestFeature(text, this.#registry.values()) : `Did you mean "${series}"?`;
  }

  #call(expression: CallExpression, timeframe: string | null, inside: string | null): ResolvedCall {
    const definition = this.#registry.get(expression.name.toLowerCase());
    if (definition === undefined) {
      const remedy = suggestFeature(expression.name, this.#registry.values());
      this.#fail(`Unknown feature "${shown(expression.name)}"`, expression.position, remedy);
    }
    if (definition.inputs === 'events') return this.#eventCall(definition, expression, timeframe);
    const within = timeframe ?? inside;
    if (within !== null && (definition.inputs === 'cross' || definition.inputs === 'symbol')) {
      const remedy = 'Put the timeframe on what it is computed from, as in rank(roc(20)@1w).';
      this.#fail(`${definition.name} compares symbols bar by bar and takes no timeframe`, expression.position, remedy);
    }
    const rest = [...expression.positional];
    const symbol = definition.inputs === 'symbol' ? this.#symbol(expression, rest) : null;
    const inputs = this.#inputs(definition, expression, rest, within);
    const { numbers, choices } = this.#settings(definition, expression, rest);
    const written = definition.inputs === 'close' ? inputs.slice(0, 1) : inputs;
    const sources = written.filter((input) => !(isBareClose(input) && impliesClose(definition))).map(inputText);
    const changed = (definition.choices ?? []).filter((choice) => choices[choice.name] !== choice.values[0]);
    const words = [
      ...(symbol === null ? [] : [symbolText(symbol)]),
      ...sources,
      ...numbers.map(String),
      ...changed.map((choice) => `${choice.name}=${choices[choice.name]}`),
    ];
    const suffix = timeframe === null ? '' : `@${timeframe}`;
    const identity = [
      `${definition.name}#${definition.version}`,
      ...inputs.map(inputIdentity),
      ...(symbol === null ? [] : [symbolText(symbol)]),
      ...numbers.map(String),
      ...Object.entries(choices).map(([name, value]) => `${name}=${value}`),
    ].join(' ');
    const text = `${definition.name}(${words.join(',')})${suffix}`;
    return { definition, numbers, choices, inputs, symbol, timeframe, text, identity: `(${identity})${suffix}` };
  }

  #eventCall(definition: EventFeature, expression: CallExpression, timeframe: string | null): ResolvedCall {
    const fail = (message: string, position: number, remedy: string): never => this.#fail(message, position, remedy);
    const { topic, measure, spanMs } = readEventArguments(expression, fail);
    const { choices: named } = this.#settings(definition, expression, []);
    const scope = named['scope'] === 'market' ? ',scope=market' : '';
    const suffix = timeframe === null ? '' : `@${timeframe}`;
    const text = `${definition.name}(${topic},${measure},${spanText(spanMs)}${scope})${suffix}`;
    const identity = `(${definition.name}#${definition.version} ${topic} ${measure} ${spanMs}${scope})${suffix}`;
    const choices = { ...named, topic, measure };
    return { definition, numbers: [spanMs], choices, inputs: [], symbol: null, timeframe, text, identity };
  }

  #inputs(
    definition: Exclude<FeatureDefinition, EventFeature>,
    expression: CallExpression,
    rest: Argument[],
    inside: string | null,
  ): ResolvedInput[] {
    const wanted = { bar: 0, symbol: 1, series: 1, close: 1, cross: 1, pair: 2 }[definition.inputs];
    const inputs: ResolvedInput[] = [];
    const close: ResolvedInput = { kind: 'series', name: 'close', timeframe: null };
    if (definition.inputs === 'symbol') {
      if (definition.otherSeries === undefined) return [close];
      return [close, rest.length === 0 ? close : this.#series(rest.shift()!, inside)];
    }
    while (inputs.length < wanted) {
      const first = rest[0];
      if (first === undefined || first.kind === 'number') {
        if (impliesClose(definition)) return [close];
        const remedy = `As in ${definition.name}(${wanted === 2 ? 'close,open' : 'close'}${definition.parameters.length > 0 ? ',20' : ''}).`;
        this.#fail(`${definition.name} needs a series`, first?.position ?? expression.endPosition, remedy);
      }
      rest.shift();
      inputs.push(this.#series(first, inside));
    }
    if (definition.inputs === 'close') inputs.push(close);
    return inputs;
  }

  /** An argument that is one series of numbers. */
  #series(argument: Argument, inside: string | null): ResolvedInput {
    if (argument.kind === 'number') {
      this.#fail(`Expected a series, found ${argument.value}`, argument.position, 'As in of(SPY,rsi(14)).');
    }
    const input = this.resolve(argument, inside);
    if (input.kind === 'call' && input.output < 0) {
      const outputs = input.call.definition.outputs ?? [];
      const remedy = `Choose one, as in ${input.call.text}.${outputs[0]}; it has ${outputs.join(', ')}.`;
      this.#fail(`${input.call.definition.name} has several outputs`, argument.position, remedy);
    }
    return input;
  }

  #symbol(expression: CallExpression, rest: Argument[]): string {
    const first = rest.shift();
    if (first?.kind !== 'word') {
      const remedy = `As in ${expression.name}(SPY,60).`;
      this.#fail(`${expression.name} needs a symbol`, first?.position ?? expression.endPosition, remedy);
    }
    if (!this.#options.symbols.includes(first.text)) {
      const remedy = `${suggest(first.text, this.#options.symbols)} The symbol must be in the universe.`;
      this.#fail(`Unknown symbol "${shown(first.text)}"`, first.position, remedy);
    }
    return first.text;
  }

  #settings(
    definition: FeatureDefinition,
    expression: CallExpression,
    rest: readonly Argument[],
  ): { numbers: number[]; choices: Record<string, string> } {
    const { parameters } = definition;
    const numbers: (number | undefined)[] = rest.map((argument, i) => {
      const parameter = parameters[i];
      if (parameter === undefined) {
        this.#fail(`${definition.name} takes ${usageOf(definition)}`, argument.position, `Remove what is too much.`);
      }
      if (argument.kind !== 'number') {
        this.#fail(`${definition.name} wants a number for ${parameter.name}`, argument.position, usageOf(definition));
      }
      return this.#inRange(parameter, argument.value, argument.position);
    });
    const choices = Object.fromEntries((definition.choices ?? []).map(({ name, values }) => [name, values[0]!]));
    for (const named of expression.named) this.#named(definition, named, { numbers, choices });
    const complete = parameters.map((parameter, i) => {
      const value = numbers[i] ?? parameter.fallback;
      if (value === undefined) {
        this.#fail(
          `${definition.name} needs ${parameter.name}`,
          expression.endPosition,
          `It takes ${usageOf(definition)}.`,
        );
      }
      return value;
    });
    const fault = definition.check?.(complete) ?? null;
    if (fault !== null)
      this.#fail(`${definition.name}: ${fault}`, expression.position, `It takes ${usageOf(definition)}.`);
    return { numbers: complete, choices };
  }

  #named(
    definition: FeatureDefinition,
    { name, value }: NamedArgument,
    into: { numbers: (number | undefined)[]; choices: Record<string, string> },
  ): void {
    const index = definition.parameters.findIndex((parameter) => parameter.name === name.text);
    if (index >= 0) {
      if (into.numbers[index] !== undefined)
        this.#fail(`${shown(name.text)} is given twice`, name.position, 'Keep one.');
      into.numbers[index] = this.#inRange(definition.parameters[index]!, Number(value.text), value.position);
      return;
    }
    const choice = definition.choices?.find((one) => one.name === name.text);
    if (choice === undefined) {
      const known = [...definition.parameters, ...(definition.choices ?? [])].map((one) => one.name);
      this.#fail(`${definition.name} has no option "${shown(name.text)}"`, name.position, suggest(name.text, known));
    }
    if (!choice.values.includes(value.text)) {
      this.#fail(
        `${shown(name.text)} cannot be "${shown(value.text)}"`,
        value.position,
        `One of ${choice.values.join(', ')}.`,
      );
    }
    into.choices[choice.name] = value.text;
  }

  #inRange(parameter: Parameter, value: number, position: number): number {
    const { name, min, max, integer } = parameter;
    if (value >= min && value <= max && (!integer || Number.isInteger(value))) return value;
    const remedy = `Give ${integer ? 'a whole number' : 'a number'} from ${min} to ${max}.`;
    this.#fail(`${name} cannot be ${value}`, position, remedy);
  }

  #output(expression: CallExpression, definition: FeatureDefinition): number {
    const { outputs } = definition;
    if (expression.output === null) return outputs === undefined ? 0 : -1;
    const { text, position } = expression.output;
    if (outputs === undefined)
      this.#fail(`${definition.name} has one output, without a name`, position, `Remove ".${shown(text)}".`);
    const index = outputs.indexOf(text);
    if (index < 0) this.#fail(`${definition.name} has no output "${shown(text)}"`, position, suggest(text, outputs));
    return index;
  }

  #timeframe(marked: Marked | null, inside: string | null): string | null {
    if (marked === null) return null;
    const { text, position } = marked;
    const span = timeframeMs(text);
    if (span === undefined)
      this.#fail(`Unknown timeframe "${shown(text)}"`, position, suggest(text, FEATURE_TIMEFRAMES));
    if (inside !== null) {
      this.#fail(
        'A timeframe inside another timeframe',
        position,
        `Everything inside @${inside} is computed on its bars.`,
      );
    }
    const base = timeframeMs(this.#options.timeframe)!;
    if (span < base) {
      this.#fail(
        `@${text} is shorter than the bars, which are ${this.#options.timeframe}`,
        position,
        'Choose a longer one.',
      );
    }
    return span === base ? null : text;
  }

  #fail(message: string, position: number, remedy: string): never {
    throw new FeatureError(message, { expression: this.#options.expression, position, remedy });
  }
}

function impliesClose(definition: FeatureDefinition): boolean {
  return definition.inputs === 'symbol' || (definition.inputs === 'series' && definition.closeImplied);
}

function isBareClose(input: ResolvedInput): boolean {
  return input.kind === 'series' && input.name === 'close' && input.timeframe === null;
}

function inputText(input: ResolvedInput): string {
  if (input.kind === 'series') return input.timeframe === null ? input.name : `${input.name}@${input.timeframe}`;
  const { outputs } = input.call.definition;
  return outputs === undefined ? input.call.text : `${input.call.text}.${outputs[input.output]}`;
}

function inputIdentity(input: ResolvedInput): string {
  if (input.kind === 'series') return inputText(input);
  return `${input.call.identity}.${input.output}`;
}

/** A symbol as an expression holds it: in quotes where it does not read as a word. */
export function symbolText(symbol: string): string {
  return /^[A-Za-z^_][\w^/:.-]*$/.test(symbol) ? symbol : `"${symbol}"`;
}

import { ProtobufWriter } from './protobuf-writer.ts';

// Field numbers are those of onnx.proto, which never change.

/** Versions of the operators and of the file that are written: every onnxruntime since 1.14 reads them. */
const OPERATORS = 17;
const TREE_OPERATORS = 3;
const FILE_VERSION = 8;
const TREE_DOMAIN = 'ai.onnx.ml';

const ELEMENT = { float: 1, int64: 7, double: 11 } as const;
const ATTRIBUTE = { integer: 2, text: 3, tensor: 4, integers: 7, texts: 8 } as const;

/** A value of an operator. */
export type Attribute =
  | { readonly integer: number }
  | { readonly text: string }
  | { readonly integers: ArrayLike<number> }
  | { readonly texts: readonly string[] }
  | { readonly doubles: ArrayLike<number> };

function tensor(name: string, dims: readonly number[], values: ArrayLike<number>): ProtobufWriter {
  const raw = new Uint8Array(8 * values.length);
  const view = new DataView(raw.buffer);
  for (let k = 0; k < values.length; k++) view.setFloat64(8 * k, values[k]!, true);
  const writer = new ProtobufWriter();
  for (const dim of dims) writer.integer(1, dim);
  return writer.integer(2, ELEMENT.double).text(8, name).bytes(9, raw);
}

function attribute(name: string, value: Attribute): ProtobufWriter {
  const writer = new ProtobufWriter().text(1, name);
  if ('integer' in value) return writer.integer(3, value.integer).integer(20, ATTRIBUTE.integer);
  if ('text' in value) return writer.text(4, value.text).integer(20, ATTRIBUTE.text);
  if ('doubles' in value) {
    return writer.message(5, tensor(name, [value.doubles.length], value.doubles)).integer(20, ATTRIBUTE.tensor);
  }
  if ('texts' in value) {
    for (const one of value.texts) writer.text(9, one);
    return writer.integer(20, ATTRIBUTE.texts);
  }
  for (let k = 0; k < value.integers.length; k++) writer.integer(8, value.integers[k]!);
  return writer.integer(20, ATTRIBUTE.integers);
}

/** A matrix of numbers of 64 bits with as many rows as are asked about. */
function rowsOf(name: string, width: number): ProtobufWriter {
  const shape = new ProtobufWriter()
    .message(1, new ProtobufWriter().text(2, 'rows'))
    .message(1, new ProtobufWriter().integer(1, width));
  const type = new ProtobufWriter().integer(1, ELEMENT.double).message(2, shape);
  return new ProtobufWriter().text(1, name).message(2, new ProtobufWriter().message(1, type));
}

/** A graph of ONNX in the making. Values are numbers of 64 bits; names of what operators give are made up. */
export class OnnxGraph {
  readonly #nodes: ProtobufWriter[] = [];
  readonly #constants: ProtobufWriter[] = [];
  readonly #inputs: ProtobufWriter[] = [];
  readonly #outputs: ProtobufWriter[] = [];
  #names = 0;

  input(name: string, width: number): string {
    this.#inputs.push(rowsOf(name, width));
    return name;
  }

  /** Numbers in a tensor of the sizes `dims`; one number, for all places, without. */
  constant(values: ArrayLike<number>, dims: readonly number[] = []): string {
    const name = this.#name('constant');
    this.#constants.push(tensor(name, dims, values));
    return name;
  }

  /** Whole numbers, such as places of columns. */
  integers(values: ArrayLike<number>): string {
    return this.add('Cast', [this.constant(values, [values.length])], { to: { integer: ELEMENT.int64 } });
  }

  /** Adds an operator; the name of what it gives. */
  add(operator: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    return this.#node(operator, { inputs, attributes, output: this.#name(operator) });
  }

  /** The same for an operator on trees, which gives numbers of 32 bits: they are widened at once. */
  addTrees(operator: string, input: string, attributes: Readonly<Record<string, Attribute>>): string {
    const output = this.#name(operator);
    this.#node(operator, { inputs: [input], attributes, output, domain: TREE_DOMAIN });
    return this.widened(output);
  }

  /** Numbers of 64 bits rounded to 32 and back. */
  rounded(input: string): string {
    return this.widened(this.add('Cast', [input], { to: { integer: ELEMENT.float } }));
  }

  widened(input: string): string {
    return this.add('Cast', [input], { to: { integer: ELEMENT.double } });
  }

  /** Calls a column of numbers an output of the graph. */
  output(name: string, value: string): void {
    this.#node('Identity', { inputs: [value], attributes: {}, output: name });
    this.#outputs.push(rowsOf(name, 1));
  }

  /** The file, with texts that stay beside the graph. */
  encode(name: string, notes: Readonly<Record<string, string>>): Uint8Array {
    const graph = new ProtobufWriter();
    for (const node of this.#nodes) graph.message(1, node);
    graph.text(2, name);
    for (const constant of this.#constants) graph.message(5, constant);
    for (const input of this.#inputs) graph.message(11, input);
    for (const output of this.#outputs) graph.message(12, output);
    const model = new ProtobufWriter().integer(1, FILE_VERSION).text(2, 'signalbox').message(7, graph);
    const versions = { '': OPERATORS, [TREE_DOMAIN]: TREE_OPERATORS };
    for (const [domain, version] of Object.entries(versions)) {
      model.message(8, new ProtobufWriter().text(1, domain).integer(2, version));
    }
    for (const [key, value] of Object.entries(notes)) {
      model.message(14, new ProtobufWriter().text(1, key).text(2, value));
    }
    return model.finish();
  }

  #name(of: string): string {
    return `${of}-${this.#names++}`;
  }

  #node(
    operator: string,
    node: {
      readonly inputs: readonly string[];
      readonly attributes: Readonly<Record<string, Attribute>>;
      readonly output: string;
      readonly domain?: string;
    },
  ): string {
    const writer = new ProtobufWriter();
    for (const input of node.inputs) writer.text(1, input);
    writer.text(2, node.output).text(3, node.output).text(4, operator);
    for (const [key, value] of Object.entries(node.attributes)) writer.message(5, attribute(key, value));
    if (node.domain !== undefined) writer.text(7, node.domain);
    this.#nodes.push(writer);
    return node.output;
  }
}

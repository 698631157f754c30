import { InputError, SignalboxError } from '../../../infra/errors.ts';
import { onnxRuntime, type OnnxSession, type OnnxValue } from '../../../infra/onnx/onnx-runtime.ts';
import type { ReadModel } from './read-model.ts';

const FLOAT = 1;
const DOUBLE = 11;
/** What may not come to an end, or says something else each time. */
const REFUSED = [
  ...['Loop', 'Scan', 'If', 'RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike'],
  ...['Multinomial', 'Bernoulli'],
];
const remedy = 'Save the model again, or copy the file again.';

/** One thread: the same bits on any machine of a kind, and the engine has the others. */
const OPTIONS = { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 };

/** A model in ONNX, asked by onnxruntime. */
class OnnxModel implements ReadModel {
  readonly inputs = null;
  readonly width: number;
  readonly task: ReadModel['task'];
  readonly outputs: number;
  readonly #file: string;
  readonly #session: OnnxSession;
  readonly #input: OnnxValue;
  readonly #output: OnnxValue;

  constructor(file: string, session: OnnxSession) {
    this.#file = file;
    this.#session = session;
    this.#input = onlyInput(file, session.inputMetadata);
    this.#output = onlyOutput(file, session.outputMetadata);
    this.width = this.#input.shape![1]!;
    // How many classes there are may be left open in the file.
    this.outputs = this.#ask(new Float64Array(this.width), 1).length;
    this.task = this.outputs === 1 ? 'return' : 'classes';
  }

  predict(x: Float64Array, rows: number, out: Float64Array): void {
    if (rows === 0) return;
    const { outputs, width } = this;
    const found = this.#ask(x.subarray(0, rows * width), rows);
    for (let at = 0; at < rows * outputs; at++) {
      const value = found[at]!;
      if (!Number.isFinite(value)) {
        const row = Math.floor(at / outputs);
        throw new InputError(
          `${this.#file}: answered ${value} for row ${row}: it may not know missing values`,
          'Train it with an imputer before it, or on features that are always there.',
        );
      }
      if (this.task === 'classes' && !(value >= -1e-6 && value <= 1 + 1e-6)) {
        throw new InputError(`${this.#file}: answered ${value}, which is no probability of a class`, remedy);
      }
      out[at] = this.task === 'classes' ? Math.min(1, Math.max(0, value)) : value;
    }
  }

  #ask(x: Float64Array, rows: number): ArrayLike<number> {
    const { newTensor } = onnxRuntime();
    const dims = [rows, this.width];
    const isDouble = this.#input.type === DOUBLE;
    const tensor = isDouble ? newTensor('float64', x.slice(), dims) : newTensor('float32', Float32Array.from(x), dims);
    const found = answered(this.#file, () =>
      this.#session.run({ [this.#input.name]: tensor }, { [this.#output.name]: null }, {}),
    )[this.#output.name]!;
    if (found.dims[0] === rows && found.data.length % rows === 0 && found.data.length > 0) return found.data;
    throw new InputError(`${this.#file}: answered sizes ${found.dims.join(' x ')} for ${rows} rows`, remedy);
  }
}

/** What the runtime says, its errors with the file's name. */
function answered<T>(file: string, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    if (error instanceof SignalboxError) throw error;
    throw new InputError(`${file}: onnxruntime refuses it: ${(error as Error).message}`, remedy, error);
  }
}

const isNumbers = ({ isTensor, type }: OnnxValue): boolean => isTensor && (type === FLOAT || type === DOUBLE);

function onlyInput(file: string, inputs: readonly OnnxValue[]): OnnxValue {
  const [input] = inputs;
  const [, width = -1, ...more] = input?.shape ?? [];
  if (inputs.length === 1 && isNumbers(input!) && width > 0 && more.length === 0) return input!;
  throw new InputError(
    `${file}: its inputs are ${inputs.map(({ name }) => name).join(', ')}, not one matrix of numbers with a known width`,
    'Convert it with one input of sizes [None, features].',
  );
}

function onlyOutput(file: string, outputs: readonly OnnxValue[]): OnnxValue {
  if (outputs.some(({ isTensor }) => !isTensor)) {
    throw new InputError(
      `${file}: its probabilities are a list of maps, not a matrix`,
      'Convert it with options={"zipmap": False} (skl2onnx) or zipmap=False (onnxmltools).',
    );
  }
  const found = outputs.filter(isNumbers);
  if (found.length === 1) return found[0]!;
  const names = outputs.map(({ name }) => name).join(', ');
  throw new InputError(`${file}: of its outputs ${names}, ${found.length} are numbers, not one`, 'Keep one of them.');
}

/** @throws InputError naming the file, also where onnxruntime is not installed */
export function readOnnx(file: string, bytes: Uint8Array): ReadModel {
  const latin = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  // An operator's name stands behind its tag and its length.
  const refused = REFUSED.find((name) => latin.includes(`\x22${String.fromCharCode(name.length)}${name}`));
  if (refused !== undefined) {
    throw new InputError(`${file}: uses ${refused}, which may not end or may answer by chance`, 'Train it without.');
  }
  const session = answered(file, () => {
    const made = onnxRuntime().newSession();
    const own = bytes.slice();
    made.loadModel(own.buffer, own.byteOffset, own.byteLength, OPTIONS);
    return made;
  });
  return new OnnxModel(file, session);
}

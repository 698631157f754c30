import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

const PACKAGE = 'onnxruntime-node';
/** The one version whose own binding is known here: its public interface answers later only, and an engine asks now. */
const VERSION = '1.30.0';

/** What a model file says of an input or an output; `shape` is -1 where a size is free. */
export interface OnnxValue {
  readonly name: string;
  readonly isTensor: boolean;
  /** Type of its elements: 1 is 32 bits, 7 whole numbers, 11 is 64 bits. */
  readonly type?: number;
  readonly shape?: readonly number[];
}

interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A loaded model. Its methods answer at once. */
export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValue[];
  readonly outputMetadata: readonly OnnxValue[];
  loadModel(buffer: ArrayBufferLike, byteOffset: number, byteLength: number, options: object): void;
  run(feeds: object, fetches: object, options: object): Readonly<Record<string, OnnxTensor>>;
}

export interface OnnxRuntime {
  newSession(): OnnxSession;
  newTensor(type: 'float32' | 'float64', data: Float32Array | Float64Array, dims: readonly number[]): object;
}

interface Binding {
  readonly initOrt: () => void;
  readonly binding: { readonly InferenceSession: new () => OnnxSession };
}

interface Common {
  readonly Tensor: new (type: string, data: object, dims: readonly number[]) => object;
}

const remedy =
  `Install it: npm run onnxruntime in a checkout, npm install --ignore-scripts ${PACKAGE}@${VERSION} elsewhere ` +
  '(processor alone, 290 MB; its script would download what graphics cards need).';

function manifest(): string | null {
  try {
    return createRequire(join(packageRoot(), 'package.json')).resolve(`${PACKAGE}/package.json`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}

/** Whether `onnxruntime-node` is there. */
export function hasOnnxRuntime(): boolean {
  return manifest() !== null;
}

let loaded: OnnxRuntime | undefined;

/** The runtime of ONNX models, an optional package. @throws InputError where it is missing, or is of another version */
export function onnxRuntime(): OnnxRuntime {
  loaded ??= load();
  return loaded;
}

function load(): OnnxRuntime {
  const file = manifest();
  if (file === null) throw new InputError(`ONNX files need the package ${PACKAGE}, which is not installed`, remedy);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  if (version !== VERSION) throw new InputError(`${PACKAGE} is ${version}, and ${VERSION} is read`, remedy);
  const load = createRequire(file);
  const { binding, initOrt } = load(join(dirname(file), 'dist', 'binding.js')) as Binding;
  const { Tensor } = load('onnxruntime-common') as Common;
  initOrt();
  return {
    newSession: () => new binding.InferenceSession(),
    newTensor: (type, data, dims) => new Tensor(type, data, dims),
  };
}

import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { SignalboxError } from '../../../infra/errors.ts';
import { nativeTensorflow } from '../../../infra/native-tensorflow.ts';
import { mendTransposedMatmul } from './transposed-matmul.ts';

/** `auto`: the one this thread has chosen already; without one native where its addon loads, else wasm. */
export type BackendChoice = 'auto' | 'wasm' | 'native';
export type BackendName = 'wasm' | 'native';

let ready: { choice: BackendChoice; name: Promise<BackendName> } | null = null;

async function startWasm(): Promise<BackendName> {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${folder}${sep}`);
  if (!(await tf.setBackend('wasm'))) throw new SignalboxError('the TensorFlow.js wasm backend did not start');
  mendTransposedMatmul();
  return 'wasm';
}

/** The native backend, or the reason why it cannot be had. */
async function startNative(): Promise<{ failed: unknown } | { name: BackendName }> {
  const addon = nativeTensorflow();
  if (addon === null) return { failed: new Error('its addon is not built') };
  try {
    await import(addon);
  } catch (error) {
    return { failed: error };
  }
  const started = await tf.setBackend('tensorflow');
  return started ? { name: 'native' } : { failed: new Error('the addon loaded but its backend did not start') };
}

async function start(choice: BackendChoice): Promise<BackendName> {
  if (choice === 'wasm') return startWasm();
  const native = await startNative();
  if ('name' in native) return native.name;
  if (choice === 'auto') return startWasm();
  throw new SignalboxError('the native TensorFlow backend cannot be loaded', {
    remedy: 'build it with `npm run native-tensorflow`, or choose the backend wasm or auto',
    cause: native.failed,
  });
}

/**
 * Starts a backend once per thread and says which it is; the name is recorded with every network. A later call for
 * another backend switches. Throws a SignalboxError when a forced backend cannot be had; never falls back then.
 */
export async function selectBackend(choice: BackendChoice): Promise<BackendName> {
  // A run that was planned for one backend has started it: members that leave the choice open follow it.
  if (ready === null || (choice !== 'auto' && ready.choice !== choice)) ready = { choice, name: start(choice) };
  try {
    return await ready.name;
  } catch (error) {
    ready = null;
    throw error;
  }
}

/** The backends that this machine can start, wasm first. */
export async function presentBackends(): Promise<BackendName[]> {
  const native = await startNative();
  return 'name' in native ? ['wasm', 'native'] : ['wasm'];
}

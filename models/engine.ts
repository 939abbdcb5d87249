import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import util from 'node:util';
import { messageOf } from '../device/errors.ts';

/** What the nets use of TensorFlow.js: its core and the loader of graph models, of one and the same copy. */
export type Tf = typeof import('@tensorflow/tfjs-core') &
  Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModel'>;

export interface Engine {
  readonly name: 'tfjs-node' | 'tfjs-wasm';
  /** Why this one was taken, for the technician. */
  readonly reason: string;
  readonly tf: Tf;
}

/**
 * TensorFlow's native library where it loads, else WebAssembly. `native` is the specifier of the module that brings
 * the native library: an optional dependency, absent where its library could not be downloaded.
 */
export async function loadEngine(native = '@tensorflow/tfjs-node'): Promise<Engine> {
  try {
    return { name: 'tfjs-node', reason: 'the native library loads', tf: await loadNative(native) };
  } catch (error) {
    const why = messageOf(error).split('\n')[0]?.trim() ?? '';
    return { name: 'tfjs-wasm', reason: `the native library does not load: ${why}`, tf: await loadWasm() };
  }
}

async function loadNative(specifier: string): Promise<Tf> {
  // tfjs-node 4.22 calls both; Node 23 took them away (tensorflow/tfjs#8609, mended in #8425, which is unreleased).
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
  // The specifier is a variable so that the types are checked alike where the package is absent.
  const module: Tf & { default?: Tf } = await import(specifier);
  // It re-exports at run time, so Node finds the names of a CommonJS module only in its default.
  const tf = module.default ?? module;
  await tf.ready();
  return prove(tf);
}

async function loadWasm(): Promise<Tf> {
  const core = await import('@tensorflow/tfjs-core');
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  // The second argument would fetch the file as if it were on a server, which crashes in Node.
  setWasmPaths(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')) + sep);
  if (!(await core.setBackend('wasm')))
    throw new Error('the WebAssembly engine of TensorFlow.js does not start');
  return prove({ ...core, loadGraphModel });
}

/** A library can load and yet not compute: ask it something before it is believed. */
function prove(tf: Tf): Tf {
  const [sum] = tf.tidy(() => tf.add(tf.tensor1d([1]), tf.tensor1d([2])).dataSync());
  if (sum !== 3) throw new Error(`it adds 1 and 2 to ${sum}`);
  return tf;
}

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { io } from '@tensorflow/tfjs-core';

const require = createRequire(import.meta.url);

/** A net by the name it has in the store, with the version of the package its weights came in. */
export interface ModelId {
  readonly id: string;
  readonly version: string;
}

/**
 * The folder of an npm package that we want the files of, not the code. Its main file stands in `dist/`; asking for
 * `package.json` instead would be refused where the package limits its exports.
 */
function packageFolder(name: string): string {
  return join(dirname(require.resolve(name)), '..');
}

/** Names a net after the package its weights come in. */
export function modelId(id: string, packageName: string): ModelId {
  const { version } = JSON.parse(readFileSync(join(packageFolder(packageName), 'package.json'), 'utf8'));
  return { id, version };
}

/** Weights as TensorFlow.js reads them: the list of tensors, and their bytes one after another. */
export interface Weights {
  readonly specs: io.WeightsManifestEntry[];
  readonly data: ArrayBuffer;
}

interface WeightGroup {
  readonly paths: string[];
  readonly weights: io.WeightsManifestEntry[];
}

/** Reads a manifest of weights and the binary files beside it; `file` is relative to the package. */
export async function readWeights(packageName: string, file: string): Promise<Weights> {
  const path = join(packageFolder(packageName), file);
  return loadGroups(dirname(path), JSON.parse(await readFile(path, 'utf8')));
}

/** Reads a graph model and its weights, ready for `tf.loadGraphModel`; `file` is relative to the package. */
export function graphModel(packageName: string, file: string): io.IOHandler {
  return {
    async load() {
      const path = join(packageFolder(packageName), file);
      const model = JSON.parse(await readFile(path, 'utf8'));
      const { specs, data } = await loadGroups(dirname(path), model.weightsManifest);
      return {
        modelTopology: model.modelTopology,
        format: model.format,
        userDefinedMetadata: model.userDefinedMetadata,
        weightSpecs: specs,
        weightData: data,
      };
    },
  };
}

async function loadGroups(folder: string, groups: readonly WeightGroup[]): Promise<Weights> {
  const paths = groups.flatMap((group) => group.paths);
  const bytes = Buffer.concat(await Promise.all(paths.map((path) => readFile(join(folder, path)))));
  return { specs: groups.flatMap((group) => group.weights), data: new Uint8Array(bytes).buffer };
}

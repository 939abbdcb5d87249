import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { io, Tensor } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { messageOf } from '../../device/errors.ts';
import type { Tf } from '../engine.ts';
import { cut, type Picture, type Square, wholePicture } from '../picture.ts';
import type { ModelUse, Valence } from '../readings.ts';
import { check, fileName, invalid, readCard, readJson } from './card.ts';
import { faceCard, inputOf, softmax, valenceOf } from './face-card.ts';

/** A user's own net for expressions, in the place of ours. */
export interface OwnFaceModel {
  readonly use: ModelUse;
  /** What the face shows that fills the square; null: the net has no answer. Blocks. */
  express(picture: Picture, square: Square): Valence | null;
  /** Why it had none when it was asked last, told once; else null. */
  takeFault(): unknown;
}

/** As much of a `model.json` as is read here; the rest is for TensorFlow.js. */
const graphFile = z.looseObject({
  format: z.literal(
    'graph-model',
    'only graph models run here (tensorflowjs_converter --output_format=tfjs_graph_model)',
  ),
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(z.looseObject({ paths: z.array(fileName), weights: z.array(z.looseObject({})) })),
});

/** How far from 1 probabilities may add up to: what nets of 8 and 16 bits lose. */
const ROUNDING = 0.05;

/**
 * Loads the net of a folder: `card.json`, `model.json` and the weights that it names. Runs it once, so that one that
 * does not run, or does not do what its card says, is found at start.
 * @throws CaError CA_MODEL_INVALID
 */
export async function loadOwnFaceModel(tf: Tf, folder: string): Promise<OwnFaceModel> {
  const { input, output, classes, softmax: logits, ...use } = await readCard(folder, faceCard);
  const cardFile = join(folder, 'card.json');
  const file = join(folder, 'model.json');
  const graph = await readGraph(file, folder);
  const model = await tf.loadGraphModel({ load: async () => graph }).catch((cause: unknown) => {
    throw invalid(file, `the graph does not load: ${messageOf(cause)}`, { cause });
  });

  const names = model.outputs.map(({ name }) => name);
  const name = output ?? names[0] ?? '';
  if (!names.includes(name)) throw invalid(cardFile, `output: the graph has ${names.join(', ')}`);
  if (output === undefined && names.length > 1)
    throw invalid(cardFile, `output: name one of the graph's outputs: ${names.join(', ')}`);

  const channels = input.channels === 'rgb' ? 3 : 1;
  const pixelsOf = (picture: Picture, square: Square) => inputOf(input, cut(picture, square, input.size));
  const run = (pixels: Float32Array): number[] => {
    const values = attempt(file, () =>
      tf.tidy(() => {
        const face = tf.tensor4d(pixels, [1, input.size, input.size, channels]);
        return [...(model.execute(face, name) as Tensor).dataSync()];
      }),
    );
    // Without the values, which are others for each face: the same fault is to have the same words.
    if (!values.every(Number.isFinite))
      throw invalid(file, `the net ${use.id} answered with what is no finite number`);
    return values;
  };

  const black: Picture = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3) };
  const values = run(pixelsOf(black, wholePicture(black)));
  if (values.length !== classes.length)
    throw invalid(cardFile, `classes: ${classes.length} are named, the graph has ${values.length}`);
  const sum = values.reduce((a, b) => a + b, 0);
  const probable = values.every((value) => value >= 0) && Math.abs(sum - 1) < ROUNDING;
  if (!logits && !probable)
    throw invalid(
      cardFile,
      `softmax: the graph's outputs are no probabilities (${values.join(', ')}); if they are logits, say true`,
    );

  let fault: unknown = null;
  return {
    use,
    express: (picture, square) => {
      const pixels = pixelsOf(picture, square);
      let answer: number[];
      try {
        answer = run(pixels);
      } catch (error) {
        fault = error;
        return null;
      }
      return valenceOf(classes, logits ? softmax(answer) : answer);
    },
    takeFault: () => {
      const taken = fault;
      fault = null;
      return taken;
    },
  };
}

/** What TensorFlow.js wants of a graph and its weights, read from disk. */
async function readGraph(file: string, folder: string): Promise<io.ModelArtifacts> {
  const model = check(graphFile, file, await readJson(file));
  const paths = model.weightsManifest.flatMap((group) => group.paths);
  const shards = await Promise.all(paths.map((path) => readFile(join(folder, path)))).catch(
    (cause: unknown) => {
      throw invalid(file, `its weights cannot be read: ${messageOf(cause)}`, { cause });
    },
  );
  return {
    ...(model as io.ModelArtifacts),
    weightSpecs: model.weightsManifest.flatMap(
      (group) => group.weights,
    ) as unknown as io.WeightsManifestEntry[],
    weightData: new Uint8Array(Buffer.concat(shards)).buffer,
  };
}

function attempt<Result>(file: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw invalid(file, `the graph does not run: ${messageOf(cause)}`, { cause });
  }
}

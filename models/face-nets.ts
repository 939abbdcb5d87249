import { detectorId, type Face, loadFaceDetector } from './blazeface.ts';
import { type Engine, loadEngine } from './engine.ts';
import { expressionId, loadExpressionNet } from './expression.ts';
import { boxesOf, type FaceBox } from './face-boxes.ts';
import { valenceOf } from './face-score.ts';
import { loadOwnFaceModel, type OwnFaceModel } from './own/face-model.ts';
import { type Picture, type Square, wholePicture } from './picture.ts';
import type { ModelUse, Valence } from './readings.ts';

/** The bare nets: no thread, no queue, no gates. The worker runs them, and so may a benchmark. */
export interface FaceNets {
  readonly engine: Engine;
  /** What is loaded, in the order in which it looks at a picture. */
  readonly models: readonly ModelUse[];
  /** Faces of a picture, likeliest first, with landmarks, in its pixels. Blocks the thread: 0.1 s and more. */
  detect(picture: Picture): Face[];
  /**
   * What the face that fills the square shows; null: the user's own net has no answer. Blocks.
   * @throws Error where no net for expressions was loaded
   */
  express(picture: Picture, square: Square): Valence | null;
  /** The error of the user's own net since this was last called, or null. */
  takeFault(): unknown;
  /** Where all faces of a picture are, and nothing of what they show. Blocks as long as `detect`. */
  findFaces(picture: Picture): FaceBox[];
}

export interface FaceNetsOptions {
  /** False: the net for expressions is not even loaded. */
  readonly expressions?: boolean;
  /** The folder of the user's own net for expressions, which takes the place of ours. */
  readonly own?: string | null;
}

/** The licence of both packages that our weights come in. */
const LICENCE = 'MIT';

/** Loads engine and weights from disk, and runs the nets once: the first run of each is several times slower. */
export async function loadFaceNets(
  given?: Engine,
  { expressions = true, own = null }: FaceNetsOptions = {},
): Promise<FaceNets> {
  const engine = given ?? (await loadEngine());
  const { tf } = engine;
  const detector = await loadFaceDetector(tf);
  const expression = expressions ? await loadExpressions(engine, own) : null;

  const detect = (picture: Picture) => {
    const { width, height, rgb } = picture;
    if (rgb.length !== width * height * 3) {
      throw new RangeError(`a picture of ${width} × ${height} pixels cannot have ${rgb.length} bytes`);
    }
    return detector(picture);
  };
  const express = (picture: Picture, square: Square) => {
    if (!expression) throw new Error('faces are not scored here');
    return expression.express(picture, square);
  };
  const takeFault = () => expression?.takeFault() ?? null;
  const findFaces = (picture: Picture) => boxesOf(detect(picture), picture);

  const black: Picture = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3) };
  findFaces(black);
  expression?.express(black, wholePicture(black));
  const models = [{ ...detectorId(), licence: LICENCE }, ...(expression ? [expression.use] : [])];
  return { engine, models, detect, express, takeFault, findFaces };
}

async function loadExpressions({ tf }: Engine, own: string | null): Promise<OwnFaceModel> {
  if (own !== null) return loadOwnFaceModel(tf, own);
  const net = await loadExpressionNet(tf);
  const use: ModelUse = { ...expressionId(), licence: LICENCE };
  return { use, express: (picture, square) => valenceOf(net(picture, square)), takeFault: () => null };
}

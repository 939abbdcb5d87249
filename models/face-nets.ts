import { largest, loadFaceDetector, squareAround } from './blazeface.ts';
import { type Engine, loadEngine } from './engine.ts';
import { loadExpressionNet } from './expression.ts';
import { boxesOf, type FaceBox } from './face-boxes.ts';
import { type FaceScore, scoreOf } from './face-score.ts';
import { type Picture, wholePicture } from './picture.ts';

/** The bare nets: no thread, no queue. The worker runs them, and so may a benchmark. */
export interface FaceNets {
  readonly engine: Engine;
  /** Scores the largest face. Blocks the thread for as long as it takes: 0.1 s and more. */
  scoreFrame(picture: Picture): FaceScore | 'no-face';
  /** Where all faces of a picture are, and nothing of what they show. Blocks as long for its part. */
  findFaces(picture: Picture): FaceBox[];
}

/**
 * Loads engine and weights from disk, and runs the nets once: the first run of each is several times slower. Without
 * `expressions` the net for them is not even loaded, and `scoreFrame` throws.
 */
export async function loadFaceNets(given?: Engine, { expressions = true } = {}): Promise<FaceNets> {
  const engine = given ?? (await loadEngine());
  const { tf } = engine;
  const detect = await loadFaceDetector(tf);
  const express = expressions ? await loadExpressionNet(tf) : null;

  const facesIn = (picture: Picture) => {
    const { width, height, rgb } = picture;
    if (rgb.length !== width * height * 3) {
      throw new RangeError(`a picture of ${width} × ${height} pixels cannot have ${rgb.length} bytes`);
    }
    return detect(picture);
  };
  const scoreFrame = (picture: Picture) => {
    if (!express) throw new Error('faces are not scored here');
    const face = largest(facesIn(picture));
    return face ? scoreOf(express(picture, squareAround(face))) : 'no-face';
  };
  const findFaces = (picture: Picture) => boxesOf(facesIn(picture), picture);

  const black: Picture = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3) };
  findFaces(black);
  express?.(black, wholePicture(black));
  return { engine, scoreFrame, findFaces };
}

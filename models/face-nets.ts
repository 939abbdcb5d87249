import { largest, loadFaceDetector, squareAround } from './blazeface.ts';
import { type Engine, loadEngine } from './engine.ts';
import { loadExpressionNet } from './expression.ts';
import { type FaceScore, scoreOf } from './face-score.ts';
import { type Picture, wholePicture } from './picture.ts';

/** The bare nets: no thread, no queue. The worker runs them, and so may a benchmark. */
export interface FaceNets {
  readonly engine: Engine;
  /** Scores the largest face. Blocks the thread for as long as it takes: 0.1 s and more. */
  scoreFrame(picture: Picture): FaceScore | 'no-face';
}

/** Loads engine and weights from disk, and runs both nets once: the first run of each is several times slower. */
export async function loadFaceNets(given?: Engine): Promise<FaceNets> {
  const engine = given ?? (await loadEngine());
  const { tf } = engine;
  const [detect, express] = [await loadFaceDetector(tf), await loadExpressionNet(tf)];

  const scoreFrame = (picture: Picture) => {
    const { width, height, rgb } = picture;
    if (rgb.length !== width * height * 3) {
      throw new RangeError(`a picture of ${width} × ${height} pixels cannot have ${rgb.length} bytes`);
    }
    const face = largest(detect(picture));
    return face ? scoreOf(express(picture, squareAround(face))) : 'no-face';
  };

  const black: Picture = { width: 16, height: 16, rgb: new Uint8Array(16 * 16 * 3) };
  scoreFrame(black);
  express(black, wholePicture(black));
  return { engine, scoreFrame };
}

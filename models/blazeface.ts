import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { Tf } from './engine.ts';
import { cut, type Picture, type Square, wholePicture } from './picture.ts';
import { graphModel, type ModelId, modelId } from './weights.ts';

const PACKAGE = '@vladmandic/human';

/** BlazeFace as MediaPipe trained it for a phone's back camera, where faces are smaller than in a selfie. */
export const detectorId = (): ModelId => modelId('blazeface-256', PACKAGE);

/** Side of the net's input, in pixels. */
const INPUT = 256;
/** Its two grids of anchors: cells this many pixels apart, with so many anchors each. */
const GRIDS = [
  { stride: 16, each: 2 },
  { stride: 32, each: 6 },
];
/** A box has a centre, a size and six landmarks: 16 numbers. */
const VALUES = 16;
const LANDMARKS = ['rightEye', 'leftEye', 'noseTip', 'mouth', 'rightEar', 'leftEar'] as const;

/** The net's outputs: logits of the fine grid and of the coarse one, then the values of both. */
const OUTPUTS = ['Identity:0', 'Identity_1:0', 'Identity_2:0', 'Identity_3:0'];

export const DETECTOR_LIMITS = {
  /** A less likely face is none. */
  'detect.score': 0.5,
  /** Two boxes that share more than this of their common area are the same face. */
  'detect.same': 0.3,
} as const;

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A face; right and left are the person's. Places and sizes in the pixels of what was searched. */
export interface Face extends Point {
  /** Probability that this is a face. */
  readonly score: number;
  readonly width: number;
  readonly height: number;
  readonly landmarks: Readonly<Record<(typeof LANDMARKS)[number], Point>>;
}

/** The centres of the anchors, in pixels of the net's input, in the order of its outputs. */
export function anchors(): Point[] {
  return GRIDS.flatMap(({ stride, each }) => {
    const cells = INPUT / stride;
    return Array.from({ length: cells * cells * each }, (_, index) => {
      const cell = Math.floor(index / each);
      return { x: ((cell % cells) + 0.5) * stride, y: (Math.floor(cell / cells) + 0.5) * stride };
    });
  });
}

/** Turns the net's outputs into faces, likeliest first: a logit an anchor, and 16 offsets from its centre. `scale` is pixels searched per pixel of input. */
export function decode(
  centres: readonly Point[],
  logits: ArrayLike<number>,
  values: ArrayLike<number>,
  scale: number,
): Face[] {
  const found: Face[] = [];
  centres.forEach((centre, index) => {
    const score = 1 / (1 + Math.exp(-(logits[index] ?? Number.NEGATIVE_INFINITY)));
    if (score < DETECTOR_LIMITS['detect.score']) return;
    const value = (at: number) => values[index * VALUES + at] ?? 0;
    const point = (at: number): Point => ({
      x: (centre.x + value(at)) * scale,
      y: (centre.y + value(at + 1)) * scale,
    });
    const middle = point(0);
    const [width, height] = [value(2) * scale, value(3) * scale];
    const landmarks = Object.fromEntries(LANDMARKS.map((name, n) => [name, point(4 + 2 * n)]));
    found.push({
      score,
      x: middle.x - width / 2,
      y: middle.y - height / 2,
      width,
      height,
      landmarks: landmarks as Face['landmarks'],
    });
  });
  return distinct(found.sort((a, b) => b.score - a.score));
}

/** Keeps the likeliest of the boxes that stand for one face. */
function distinct(faces: readonly Face[]): Face[] {
  const kept: Face[] = [];
  for (const face of faces) {
    if (kept.every((other) => overlap(face, other) <= DETECTOR_LIMITS['detect.same'])) kept.push(face);
  }
  return kept;
}

/** Common area of two boxes ÷ the area that both cover. */
export function overlap(a: Face, b: Face): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}

/** The face nearest to the camera: who stands at the desk is larger than who waits behind. */
export function largest(faces: readonly Face[]): Face | null {
  return faces.reduce<Face | null>(
    (best, face) => (best && best.width * best.height >= face.width * face.height ? best : face),
    null,
  );
}

/** The square with the face in its middle, as large as the longer side of its box. */
export function squareAround(face: Face): Square {
  const side = Math.max(face.width, face.height);
  return { x: face.x + (face.width - side) / 2, y: face.y + (face.height - side) / 2, side };
}

/** Finds the faces of a picture, likeliest first. */
export type FaceDetector = (picture: Picture) => Face[];

export async function loadFaceDetector(tf: Tf): Promise<FaceDetector> {
  const model = await tf.loadGraphModel(graphModel(PACKAGE, 'models/blazeface.json'));
  const centres = anchors();
  return (picture) => {
    const square = wholePicture(picture);
    const [logits, values] = tf.tidy(() => {
      // The net was trained on colours from -1 to 1.
      const input = tf.sub(tf.div(tf.tensor4d(cut(picture, square, INPUT), [1, INPUT, INPUT, 3]), 127.5), 1);
      const found = model.execute(input, OUTPUTS) as Tensor3D[];
      return [tf.concat(found.slice(0, 2), 1).dataSync(), tf.concat(found.slice(2), 1).dataSync()] as const;
    });
    return decode(centres, logits, values, square.side / INPUT);
  };
}

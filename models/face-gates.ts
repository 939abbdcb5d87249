import { type Face, type Point, squareAround } from './blazeface.ts';
import { cut, type Picture, type Square } from './picture.ts';
import type { Untold } from './readings.ts';

/**
 * Limits beyond which the nets were seen to go wrong, measured on the faces of the tests (README). Distances on a face
 * are in units of the distance between its eyes, along and across the line through them: a head held aslant is no fault.
 */
export const GATE_LIMITS = {
  /** Width of the face's box, pixels: below it the landmarks of a still face jump about. */
  'gate.size': 48,
  /** Probability that it is a face. */
  'gate.score': 0.75,
  /** How far the nose is off the middle between the ears, as a share of the way to one of them: 0.55 is 15 to 40° aside. */
  'gate.yaw': 0.55,
  /** Pitch (see `pose`): down by 10 to 30° from upright, which is 0 to 0.65; and up, the chin forward. */
  'gate.down': 0.7,
  'gate.up': -0.35,
  /** From the eyes to the mouth: shorter is foreshortened. An upright face has 0.95 and more. */
  'gate.foreshortened': 0.88,
  /** Mean luma of the face, 0 to 255. */
  'gate.dark': 32,
  /** Share of the face's pixels that are nearly white, and the luma from which on one is. */
  'gate.glare': 0.6,
  'gate.white': 250,
  /** Variance of the Laplacian over that of the luma, of the face at 64 × 64 pixels: as if seen through a Gaussian of 1/25 of its width. */
  'gate.blur': 0.015,
} as const;

/** Side of the picture of the face in which light and blur are looked at, and the border of it that is left out, pixels. */
const SIDE = 64;
const BORDER = 8;

/** Why a face cannot be read, by what the detector says of it; null: nothing is in the way. */
export function gateOfPose(face: Face): Untold | null {
  if (face.width < GATE_LIMITS['gate.size']) return 'small';
  if (face.score < GATE_LIMITS['gate.score']) return 'unsure';
  const { yaw, pitch, length } = pose(face);
  // Written so that a number that is none does not pass.
  if (!(Math.abs(yaw) <= GATE_LIMITS['gate.yaw']) || !(pitch >= GATE_LIMITS['gate.up'])) return 'turned';
  if (!(pitch <= GATE_LIMITS['gate.down']) || !(length >= GATE_LIMITS['gate.foreshortened'])) return 'bent';
  return null;
}

/** Why a face cannot be read, by its pixels; null: nothing is in the way. */
export function gateOfLight(picture: Picture, square: Square): Untold | null {
  const { mean, white, sharpness } = light(picture, square);
  if (mean < GATE_LIMITS['gate.dark'] || white > GATE_LIMITS['gate.glare']) return 'dark';
  return sharpness < GATE_LIMITS['gate.blur'] ? 'blurred' : null;
}

/** Both, the cheaper first. */
export function gateOf(picture: Picture, face: Face): Untold | null {
  return gateOfPose(face) ?? gateOfLight(picture, squareAround(face));
}

/**
 * How the head is held. `pitch` grows as it is bent: the tip of the nose sinks from the eyes towards the mouth, and the
 * ears rise above the eyes. `length`: from the eyes to the mouth.
 */
export function pose(face: Face): { yaw: number; pitch: number; length: number } {
  const { rightEye, leftEye, noseTip, mouth, rightEar, leftEar } = face.landmarks;
  const across = { x: leftEye.x - rightEye.x, y: leftEye.y - rightEye.y };
  const squared = across.x ** 2 + across.y ** 2;
  const place = ({ x, y }: Point): Point => {
    const from = { x: x - (rightEye.x + leftEye.x) / 2, y: y - (rightEye.y + leftEye.y) / 2 };
    return {
      x: (from.x * across.x + from.y * across.y) / squared,
      y: (from.y * across.x - from.x * across.y) / squared,
    };
  };
  const [nose, lips, right, left] = [place(noseTip), place(mouth), place(rightEar), place(leftEar)];
  return {
    yaw: (nose.x - (right.x + left.x) / 2) / ((left.x - right.x) / 2),
    pitch: nose.y / lips.y - (right.y + left.y) / 2,
    length: lips.y,
  };
}

/** Of the inner part of the square: mean luma, share of nearly white pixels, and sharpness, which knows no unit. */
function light(picture: Picture, square: Square): { mean: number; white: number; sharpness: number } {
  const rgb = cut(picture, square, SIDE);
  const luma = new Float32Array(SIDE * SIDE);
  // ITU-R BT.601.
  for (let n = 0; n < luma.length; n++) {
    luma[n] = 0.299 * (rgb[3 * n] ?? 0) + 0.587 * (rgb[3 * n + 1] ?? 0) + 0.114 * (rgb[3 * n + 2] ?? 0);
  }
  const values: number[] = [];
  const laplacians: number[] = [];
  for (let y = BORDER; y < SIDE - BORDER; y++) {
    for (let x = BORDER; x < SIDE - BORDER; x++) {
      const at = (dx: number, dy: number) => luma[(y + dy) * SIDE + x + dx] ?? 0;
      values.push(at(0, 0));
      laplacians.push(at(-1, 0) + at(1, 0) + at(0, -1) + at(0, 1) - 4 * at(0, 0));
    }
  }
  return {
    mean: mean(values),
    white: values.filter((value) => value >= GATE_LIMITS['gate.white']).length / values.length,
    // One step of luma more, so that an even surface has no sharpness, rather than none that could be told.
    sharpness: variance(laplacians) / (variance(values) + 1),
  };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

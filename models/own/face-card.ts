import { z } from 'zod';
import type { Valence } from '../readings.ts';
import { useFields } from './card.ts';

/** What one output of a net stands for. `ignored`: none of the three, and no reason to doubt them. */
const FACE_CLASSES = ['negative', 'neutral', 'positive', 'ignored'] as const;
type FaceClass = (typeof FACE_CLASSES)[number];

const finite = z.number().min(-1e6).max(1e6);

const faceInput = z.strictObject({
  /** Pixels of the side of the square that the net looks at. */
  size: z.int().min(16).max(1024),
  channels: z.enum(['rgb', 'grey']),
  /** What the net was trained to see as black and as white. */
  from: z.tuple([finite, finite]).refine(([low, high]) => low !== high, 'black and white are the same'),
});
export type FaceInput = z.infer<typeof faceInput>;

/** The card of a net for faces. */
export const faceCard = z.strictObject({
  ...useFields,
  input: faceInput,
  /** Which output to read, where the graph has several. */
  output: z.string().min(1).optional(),
  /** What each number of the output stands for, in its order. */
  classes: z
    .array(z.enum(FACE_CLASSES))
    .refine(
      (classes) =>
        classes.includes('neutral') && (classes.includes('negative') || classes.includes('positive')),
      'one is neutral and another negative or positive: a net that knows no neutral has an opinion of everybody',
    ),
  /** The output is logits: softmax makes probabilities of them. */
  softmax: z.boolean(),
});

/** The pixels as the net wants them. `rgb`: 0 to 255, three numbers a pixel. */
export function inputOf({ channels, from: [low, high] }: FaceInput, rgb: Float32Array): Float32Array {
  const scale = (high - low) / 255;
  if (channels === 'rgb') return rgb.map((value) => low + value * scale);
  return Float32Array.from({ length: rgb.length / 3 }, (_, pixel) => {
    const [red = 0, green = 0, blue = 0] = rgb.subarray(pixel * 3, pixel * 3 + 3);
    // Luma of ITU-R BT.601.
    return low + (0.299 * red + 0.587 * green + 0.114 * blue) * scale;
  });
}

export function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Probabilities smaller than this together are what a net leaves over, not an opinion. */
const NOTHING = 1e-3;

/** Adds up the classes of one kind. Where nearly all of it is ignored, the face is neutral: the rest would be noise, stretched to 1. */
export function valenceOf(classes: readonly FaceClass[], probabilities: readonly number[]): Valence {
  const sum = (kind: FaceClass) =>
    probabilities.reduce((total, value, index) => (classes[index] === kind ? total + value : total), 0);
  const [negative, neutral, positive] = [sum('negative'), sum('neutral'), sum('positive')];
  const all = negative + neutral + positive;
  if (all < NOTHING) return { negative: 0, neutral: 1, positive: 0 };
  return { negative: negative / all, neutral: neutral / all, positive: positive / all };
}

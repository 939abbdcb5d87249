import { expect, test } from 'vitest';
import { inputOf, softmax, valenceOf } from './face-card.ts';

test('pixels are brought into the range and the channels that the net wants', () => {
  const twoPixels = Float32Array.of(255, 0, 0, 255, 255, 255);
  const rgb = inputOf({ size: 16, channels: 'rgb', from: [-1, 1] }, twoPixels);
  expect([...rgb]).toEqual([1, -1, -1, 1, 1, 1]);
  const [red, white, ...none] = inputOf({ size: 16, channels: 'grey', from: [0, 10] }, twoPixels);
  expect(red).toBeCloseTo(2.99);
  expect(white).toBeCloseTo(10);
  expect(none).toEqual([]);
});

test('classes of one kind are added, what is ignored is left out, the rest makes 1', () => {
  const classes = ['negative', 'positive', 'ignored', 'negative', 'neutral'] as const;
  const valence = valenceOf(classes, [0.1, 0.2, 0.5, 0.1, 0.1]);
  expect(valence.negative).toBeCloseTo(0.4);
  expect(valence.neutral).toBeCloseTo(0.2);
  expect(valence.positive).toBeCloseTo(0.4);
});

test('where all is ignored, what little remains is not stretched to an opinion', () => {
  const classes = ['negative', 'neutral', 'ignored'] as const;
  expect(valenceOf(classes, [0.0005, 0.0001, 0.9994])).toEqual({ negative: 0, neutral: 1, positive: 0 });
});

test('softmax adds up to 1, whatever the size of the logits', () => {
  expect(softmax([0, Math.log(3)])).toEqual([expect.closeTo(0.25), expect.closeTo(0.75)]);
  expect(softmax([5000, 5000])).toEqual([0.5, 0.5]);
});

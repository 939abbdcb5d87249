import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Face } from './blazeface.ts';
import { FaceTracker, moved } from './face-tracker.ts';
import type { Picture, Square } from './picture.ts';

const START: Square = { x: 130, y: 90, side: 60 };

/** Soft waves that repeat nowhere, on a disc that went by (dx, dy) and grew by `scale` about the middle of `START`; noise around it. */
function scene(dx: number, dy: number, scale: number): Picture {
  const [width, height] = [320, 240];
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [(x - 160 - dx) / scale, (y - 120 - dy) / scale];
      const inside = Math.hypot(u, v) < 45;
      const waves = Math.sin(u / 6) + Math.sin(v / 5 + u / 17) + Math.sin((u * v) / 160);
      const value = inside ? 128 + 40 * waves : 100 + ((x * 7 + y * 13 + ((x * y) % 11)) % 40);
      rgb.fill(value, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
  return { width, height, rgb };
}

const middle = ({ x, y, side }: Square) => ({ x: x + side / 2, y: y + side / 2 });

// At 5 pictures a second a head moves by a fraction of its size, at 2 by up to half of it.
describe.each([
  ['5 pictures a second', 9, 0.02],
  ['2 pictures a second', 26, 0.06],
])('%s', (_rate, farthest, growth) => {
  test('the patch is found where it went, and about as large as it is', () => {
    const step = fc.integer({ min: -farthest, max: farthest });
    fc.assert(
      fc.property(step, step, fc.double({ min: -growth, max: growth, noNaN: true }), (dx, dy, grown) => {
        const found = new FaceTracker(scene(0, 0, 1), START).follow(scene(dx, dy, 1 + grown));
        expect(found).not.toBeNull();
        if (!found) return;
        const { x, y } = middle(found);
        expect(Math.hypot(x - 160 - dx, y - 120 - dy)).toBeLessThan(4);
        expect(Math.abs(found.side / 60 - 1 - grown)).toBeLessThan(0.1);
      }),
      { numRuns: 20 },
    );
  });
});

test('it follows from picture to picture, farther than it could see at once', () => {
  const tracker = new FaceTracker(scene(0, 0, 1), START);
  let found: Square | null = null;
  for (let n = 1; n <= 8; n++) found = tracker.follow(scene(10 * n, -5 * n, 1 + 0.03 * n));
  const { x, y } = middle(found ?? START);
  expect(Math.hypot(x - 240, y - 80)).toBeLessThan(4);
  expect(found?.side).toBeGreaterThan(70);
  expect(found?.side).toBeLessThan(78);
});

test('what is gone is lost, and so is what never had a pattern', () => {
  const even = { ...scene(0, 0, 1), rgb: new Uint8Array(320 * 240 * 3).fill(90) };
  expect(new FaceTracker(scene(0, 0, 1), START).follow(scene(140, 100, 1))).toBeNull();
  expect(new FaceTracker(scene(0, 0, 1), START).follow(even)).toBeNull();
  expect(new FaceTracker(even, START).follow(scene(0, 0, 1))).toBeNull();
});

test('at the border of the picture it looks no further', () => {
  const corner = { x: -10, y: -20, side: 60 };
  const found = new FaceTracker(scene(-140, -110, 1), corner).follow(scene(-136, -113, 1));
  expect(middle(found ?? START)).toEqual({ x: expect.closeTo(24, -1), y: expect.closeTo(7, -1) });
});

test('a face moves with its square, landmarks and all', () => {
  const eye = { x: 20, y: 30 };
  const other = { x: 40, y: 30 };
  const landmarks = {
    rightEye: eye,
    leftEye: other,
    noseTip: eye,
    mouth: eye,
    rightEar: eye,
    leftEar: other,
  };
  const face: Face = { x: 10, y: 20, width: 40, height: 50, score: 0.9, landmarks };
  expect(moved(face, { x: 5, y: 20, side: 50 }, { x: 105, y: 40, side: 100 })).toEqual({
    x: 115,
    y: 40,
    width: 80,
    height: 100,
    score: 0.9,
    landmarks: {
      rightEye: { x: 135, y: 60 },
      leftEye: { x: 175, y: 60 },
      noseTip: { x: 135, y: 60 },
      mouth: { x: 135, y: 60 },
      rightEar: { x: 135, y: 60 },
      leftEar: { x: 175, y: 60 },
    },
  });
});

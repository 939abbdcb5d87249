import { expect, test } from 'vitest';
import { anchors, decode, type Face, largest, squareAround } from './blazeface.ts';

const centres = anchors();

/** The net's outputs with a face at some of the anchors: no offset, the same box and landmarks everywhere. */
function outputs(faces: { anchor: number; logit: number; size: number }[]) {
  const logits = new Float32Array(centres.length).fill(-20);
  const values = new Float32Array(centres.length * 16);
  for (const { anchor, logit, size } of faces) {
    logits[anchor] = logit;
    values.set([0, 0, size, size, -10, -5, 10, -5, 0, 0, 0, 8, -20, 0, 20, 0], anchor * 16);
  }
  return [logits, values] as const;
}

test('the anchors are 16 × 16 cells with two each, then 8 × 8 with six', () => {
  expect(centres).toHaveLength(16 * 16 * 2 + 8 * 8 * 6);
  expect(centres.slice(0, 3)).toEqual([
    { x: 8, y: 8 },
    { x: 8, y: 8 },
    { x: 24, y: 8 },
  ]);
  expect(centres[32]).toEqual({ x: 8, y: 24 });
  expect(centres[511]).toEqual({ x: 248, y: 248 });
  expect(centres[512]).toEqual({ x: 16, y: 16 });
  expect(centres[517]).toEqual({ x: 16, y: 16 });
  expect(centres[518]).toEqual({ x: 48, y: 16 });
  expect(centres.at(-1)).toEqual({ x: 240, y: 240 });
});

test('a face is placed by its anchor and scaled to the picture', () => {
  const [face, ...others] = decode(centres, ...outputs([{ anchor: 512, logit: 2, size: 20 }]), 2);
  expect(others).toEqual([]);
  expect(face).toMatchObject({ x: 12, y: 12, width: 40, height: 40 });
  expect(face?.score).toBeCloseTo(1 / (1 + Math.exp(-2)));
  expect(face?.landmarks).toEqual({
    rightEye: { x: 12, y: 22 },
    leftEye: { x: 52, y: 22 },
    noseTip: { x: 32, y: 32 },
    mouth: { x: 32, y: 48 },
    rightEar: { x: -8, y: 32 },
    leftEar: { x: 72, y: 32 },
  });
});

test('boxes of one face count once, the likeliest; unlikely ones never', () => {
  const near = [
    { anchor: 0, logit: 1, size: 30 },
    { anchor: 1, logit: 3, size: 30 },
    { anchor: 2, logit: 0.5, size: 90 },
    { anchor: 300, logit: -0.1, size: 30 },
    { anchor: 511, logit: 2, size: 30 },
  ];
  const faces = decode(centres, ...outputs(near), 1);
  expect(faces.map((face) => [face.x + 15, face.y + 15])).toEqual([
    [8, 8],
    [248, 248],
    [24 - 30, 8 - 30],
  ]);
});

test('the largest face is taken, squared about its middle', () => {
  const face = (x: number, width: number, height: number): Face => ({
    ...(decode(centres, ...outputs([{ anchor: 0, logit: 9, size: 1 }]), 1)[0] as Face),
    x,
    y: 100,
    width,
    height,
  });
  const near = face(50, 40, 60);
  expect(largest([face(0, 50, 40), near, face(200, 10, 10)])).toBe(near);
  expect(largest([])).toBeNull();
  expect(squareAround(near)).toEqual({ x: 40, y: 100, side: 60 });
});

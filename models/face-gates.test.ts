import { expect, test } from 'vitest';
import type { Face, Point } from './blazeface.ts';
import { gateOf, gateOfLight, gateOfPose, pose } from './face-gates.ts';
import type { Picture } from './picture.ts';

/** An upright face of 100 pixels, eyes 40 apart, turned in the plane of the picture by `roll` degrees. */
function face({ nose = [0, 22], mouth = [0, 42], ears = 10, roll = 0, score = 0.9, size = 100 } = {}): Face {
  const [cos, sin] = [Math.cos((roll * Math.PI) / 180), Math.sin((roll * Math.PI) / 180)];
  const at = (x = 0, y = 0): Point => ({ x: 150 + x * cos - y * sin, y: 120 + x * sin + y * cos });
  const landmarks = {
    rightEye: at(-20, 0),
    leftEye: at(20, 0),
    noseTip: at(...nose),
    mouth: at(...mouth),
    rightEar: at(-42, ears),
    leftEar: at(42, ears),
  };
  return { x: 150 - size / 2, y: 130 - size / 2, width: size, height: size, score, landmarks };
}

test.each([
  ['upright', {}, null],
  ['aslant', { roll: 35 }, null],
  ['few pixels', { size: 40 }, 'small'],
  ['perhaps a face', { score: 0.6 }, 'unsure'],
  ['turned to the left', { nose: [30, 22] }, 'turned'],
  ['turned to the right', { nose: [-30, 22] }, 'turned'],
  ['chin up', { nose: [0, 6], ears: 26 }, 'turned'],
  ['the nose sunk to the mouth, the ears above the eyes', { nose: [0, 30], ears: -8 }, 'bent'],
  ['bent and aslant', { nose: [0, 30], ears: -8, roll: -30 }, 'bent'],
  ['foreshortened', { nose: [0, 16], mouth: [0, 32] }, 'bent'],
] as const)('a face that is %s', (_what, how, untold) => {
  expect(gateOfPose(face(how as Parameters<typeof face>[0]))).toBe(untold);
});

test('landmarks of which nothing can be told are not told', () => {
  const upright = face();
  const { leftEye } = upright.landmarks;
  const oneEyed = { ...upright, landmarks: { ...upright.landmarks, rightEye: leftEye } };
  expect(gateOfPose(oneEyed)).not.toBeNull();
});

test('a pose has no unit: neither size nor slant of the head changes it', () => {
  const { yaw, pitch, length } = pose(face({ roll: 20 }));
  expect(yaw).toBeCloseTo(0);
  expect(pitch).toBeCloseTo(22 / 42 - 10 / 40);
  expect(length).toBeCloseTo(42 / 40);
});

/** 300 × 240 pixels of a checkerboard between two values, its fields so many pixels wide. */
function board(low: number, high: number, field: number): Picture {
  const [width, height] = [300, 240];
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, n) => {
    const [x, y] = [Math.floor(n / 3) % width, Math.floor(n / 3 / width)];
    return (Math.floor(x / field) + Math.floor(y / field)) % 2 === 0 ? low : high;
  });
  return { width, height, rgb };
}

/** Light that grows from left to right, and nothing else. */
const shade: Picture = {
  ...board(0, 0, 1),
  rgb: board(0, 0, 1).rgb.map((_, n) => (Math.floor(n / 3) % 300) / 2),
};

test.each([
  ['bright enough and sharp', board(60, 180, 12), null],
  ['in the dark', board(5, 40, 12), 'dark'],
  ['in the glare', board(252, 255, 12), 'dark'],
  ['without a single edge', shade, 'blurred'],
  ['of one grey', board(120, 120, 12), 'blurred'],
] as const)('a face %s', (_what, picture, untold) => {
  expect(gateOfLight(picture, { x: 100, y: 80, side: 100 })).toBe(untold);
  expect(gateOf(picture, face())).toBe(untold);
});

test('how the head is held is told before the light', () => {
  expect(gateOf(board(0, 10, 12), face({ nose: [30, 22] }))).toBe('turned');
});

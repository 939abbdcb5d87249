import { expect, test } from 'vitest';
import type { Face } from './blazeface.ts';
import { FACE_THRESHOLDS, FacePipeline } from './face-pipeline.ts';
import type { Picture, Square } from './picture.ts';
import type { Valence } from './readings.ts';

const NEUTRAL: Valence = { negative: 0, neutral: 1, positive: 0 };
const NEGATIVE: Valence = { negative: 0.9, neutral: 0.1, positive: 0 };

/** A pattern that looks like nothing else, as far as the tracker goes: another one for each `seed`. */
function picture(seed = 1): Picture {
  const [width, height] = [320, 240];
  const rgb = new Uint8Array(width * height * 3);
  for (let n = 0; n < width * height; n++) {
    const [x, y] = [Math.floor((n % width) / 6), Math.floor(n / width / 6)];
    rgb.fill(60 + ((x * 37 + y * 101 + x * y * seed * 13) % 140), n * 3, n * 3 + 3);
  }
  return { width, height, rgb };
}

/** An upright face, or one bent down. */
function face(x: number, size: number, bent = false): Face {
  const at = (u: number, v: number) => ({ x: x + size * (0.5 + u), y: 60 + size * (0.35 + v) });
  const landmarks = {
    rightEye: at(-0.2, 0),
    leftEye: at(0.2, 0),
    noseTip: at(0, bent ? 0.3 : 0.22),
    mouth: at(0, 0.42),
    rightEar: at(-0.42, bent ? -0.1 : 0.08),
    leftEar: at(0.42, bent ? -0.1 : 0.08),
  };
  return { x, y: 60, width: size, height: size, score: 0.9, landmarks };
}

/** Nets that say what they are told to, and remember what they were asked. */
class Nets {
  faces: Face[] = [];
  says: Valence | null = NEUTRAL;
  detected = 0;
  readonly squares: Square[] = [];

  detect(): Face[] {
    this.detected += 1;
    return this.faces;
  }

  express(_picture: Picture, square: Square): Valence | null {
    this.squares.push(square);
    return this.says;
  }
}

/** Looks at `seconds` of the same picture, 5 a second. */
function look(pipeline: FacePipeline, seconds: number, shown = picture(), from = 0) {
  return Array.from({ length: seconds * 5 }, (_, n) => pipeline.look(shown, from + n / 5));
}

test('a face that stays is detected every 2 s and read every second picture', () => {
  const nets = new Nets();
  nets.faces = [face(100, 80)];
  const readings = look(new FacePipeline(nets), 6);
  expect(nets.detected).toBe(3);
  expect(nets.squares).toHaveLength(15);
  expect(readings.every(({ shows, face: number }) => shows === NEUTRAL && number === 1)).toBe(true);
  expect(readings.map(({ detected }, n) => (detected ? n : -1)).filter((n) => n >= 0)).toEqual([0, 10, 20]);
});

test('where nobody is, few pictures are searched, and all are said to show nobody', () => {
  const nets = new Nets();
  const readings = look(new FacePipeline(nets), 6);
  expect(nets.detected).toBeLessThanOrEqual(9);
  expect(nets.detected).toBeGreaterThanOrEqual(6);
  expect(readings.every(({ shows, face: number }) => shows === 'no-face' && number === null)).toBe(true);
});

test('a face that is lost is searched for at once', () => {
  const nets = new Nets();
  nets.faces = [face(100, 80)];
  const pipeline = new FacePipeline(nets);
  pipeline.look(picture(1), 0);
  nets.faces = [];
  expect(pipeline.look(picture(2), 0.2)).toEqual({
    at: 0.2,
    shows: 'no-face',
    face: null,
    others: 0,
    detected: true,
  });
  expect(pipeline.look(picture(2), 0.4)).toMatchObject({ shows: 'no-face', detected: false });
});

test('a face that cannot be read never reaches the net', () => {
  const nets = new Nets();
  nets.faces = [face(100, 80, true)];
  const readings = look(new FacePipeline(nets), 4);
  expect(new Set(readings.map(({ shows }) => shows))).toEqual(new Set(['bent']));
  expect(nets.squares).toEqual([]);
  // It may be upright again any moment.
  expect(nets.detected).toBe(4);
});

test('a face that the net has no answer for is unsure, and asked about again', () => {
  const nets = new Nets();
  nets.faces = [face(100, 80)];
  nets.says = null;
  const pipeline = new FacePipeline(nets);
  expect(new Set(look(pipeline, 1).map(({ shows }) => shows))).toEqual(new Set(['unsure']));
  nets.says = NEUTRAL;
  expect(look(pipeline, 1, picture(), 1).at(-1)).toMatchObject({ shows: NEUTRAL, face: 1 });
});

test('a negative face is not believed on old landmarks: the head may have bent down', () => {
  const nets = new Nets();
  nets.faces = [face(100, 80)];
  const pipeline = new FacePipeline(nets);
  look(pipeline, 1);
  nets.says = NEGATIVE;
  nets.faces = [face(100, 80, true)];
  const readings = look(pipeline, 4, picture(), 1);
  // The first one repeats the last word.
  expect(readings[0]).toMatchObject({ shows: NEUTRAL, detected: false });
  expect(readings[1]).toMatchObject({ shows: 'bent', detected: true });
  expect(readings.filter(({ shows }) => shows === NEGATIVE)).toEqual([]);
  nets.faces = [face(100, 80)];
  const upright = look(pipeline, 4, picture(), 5);
  expect(upright.slice(5).every(({ shows }) => shows === NEGATIVE)).toBe(true);
});

test('only the patient is ever read; others are counted when they are found', () => {
  const nets = new Nets();
  nets.faces = [face(20, 90), face(200, 60)];
  const readings = look(new FacePipeline(nets), 4);
  expect(nets.squares.every(({ x, side }) => x >= 15 && x + side <= 115)).toBe(true);
  expect(nets.squares.length).toBeGreaterThan(5);
  // Somebody beside the patient is looked after more often: they may come nearer.
  expect(readings.map(({ others }) => others).filter((others) => others > 0)).toEqual([1, 1, 1, 1]);
});

test('a face that another one touches is not read: the net would see both', () => {
  const nets = new Nets();
  nets.faces = [face(60, 90), face(155, 60)];
  const readings = look(new FacePipeline(nets), 2);
  expect(nets.squares).toEqual([]);
  expect(new Set(readings.map(({ shows }) => shows))).toEqual(new Set(['unsure']));
});

test('another patient has another number', () => {
  const nets = new Nets();
  nets.faces = [face(20, 60)];
  const pipeline = new FacePipeline(nets);
  look(pipeline, 1);
  nets.faces = [face(20, 60), face(180, 100)];
  const numbers = look(pipeline, 5, picture(), 1).map(({ face: number }) => number);
  expect(numbers[0]).toBe(1);
  expect(numbers.at(-1)).toBe(2);
  expect(nets.squares.at(-1)?.x).toBeGreaterThan(150);
});

test('all limits have a name of their own', () => {
  expect(Object.keys(FACE_THRESHOLDS)).toHaveLength(31);
  expect(Object.values(FACE_THRESHOLDS).every(Number.isFinite)).toBe(true);
});

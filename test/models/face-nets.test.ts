import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { largest, squareAround } from '../../models/blazeface.ts';
import { loadEngine } from '../../models/engine.ts';
import { type FaceNets, loadFaceNets } from '../../models/face-nets.ts';
import type { Picture } from '../../models/picture.ts';
import { facelessFrame, happyFrame, nearFrame } from './pictures.ts';

const STAND_IN = fileURLToPath(new URL('native-stand-in.cjs', import.meta.url));

let nets: FaceNets;
beforeAll(async () => {
  nets = await loadFaceNets();
});

/** How positive the largest face of a picture looks; null without one. */
function positive(picture: Picture, { detect, express } = nets): number | null {
  const face = largest(detect(picture));
  return face && (express(picture, squareAround(face))?.positive ?? null);
}

test('the native engine is taken where it loads, and the nets compute with it', async () => {
  const engine = await loadEngine(STAND_IN);
  expect(engine).toMatchObject({ name: 'tfjs-node', reason: 'the native library loads' });
  const { calls } = engine.tf as unknown as { calls: Record<string, number> };
  const native = await loadFaceNets(engine);
  const before = calls.separableConv2d ?? 0;
  expect(positive(happyFrame(), native)).toBeGreaterThan(0.8);
  expect(calls.loadGraphModel).toBe(1);
  expect((calls.separableConv2d ?? 0) - before).toBe(15);
});

test.each([
  ['absent', '@tensorflow/tfjs-none', 'tfjs-none'],
  [
    'broken',
    'data:text/javascript,throw new Error("libtensorflow.so.2: cannot open shared object file\\nand more")',
    'libtensorflow.so.2: cannot open shared object file',
  ],
  [
    'wrong in its sums',
    'data:text/javascript,export const ready = () => {}, tidy = () => [4];',
    'it adds 1 and 2 to 4',
  ],
])('WebAssembly is taken where the native engine is %s, and says why', async (_what, specifier, why) => {
  const engine = await loadEngine(specifier);
  expect(engine.name).toBe('tfjs-wasm');
  expect(engine.reason).toContain(why);
  expect(engine.reason).not.toContain('\n');
  expect(engine.tf.getBackend()).toBe('wasm');
});

test('a face is found where it is, from far and from near', () => {
  // The photograph has 512 × 512 pixels: scaled to 480 × 480 it stands 80 pixels from the left edge of the frame.
  const views = [
    { frame: happyFrame(), scale: 512 / 480, left: -80 * (512 / 480), top: 0 },
    { frame: nearFrame(), scale: 200 / 640, left: 125, top: 45 },
  ];
  for (const { frame, scale, left, top } of views) {
    const [face, ...others] = nets.detect(frame);
    expect(others).toEqual([]);
    if (!face) throw new Error('no face');
    expect(face.score).toBeGreaterThan(0.8);
    // Read off the photograph by eye.
    const features = {
      rightEye: [204, 101],
      leftEye: [246, 103],
      noseTip: [225, 126],
      mouth: [225, 146],
    } as const;
    for (const [name, [x, y]] of Object.entries(features)) {
      const { landmarks } = face;
      const found = landmarks[name as keyof typeof landmarks];
      expect(Math.hypot(left + found.x * scale - x, top + found.y * scale - y), name).toBeLessThan(5);
    }
    const middle = {
      x: left + (face.x + face.width / 2) * scale,
      y: top + (face.y + face.height / 2) * scale,
    };
    expect(Math.hypot(middle.x - 224, middle.y - 122)).toBeLessThan(15);
    expect(face.width * scale).toBeGreaterThan(80);
    expect(face.width * scale).toBeLessThan(130);
  }
});

test('a smile is found, a picture without a face has none, and no memory is left behind', () => {
  const [happy, faceless] = [happyFrame(), facelessFrame()];
  const { numTensors, numBytes } = nets.engine.tf.memory();
  for (let n = 0; n < 3; n++) {
    expect(positive(happy)).toBeGreaterThan(0.8);
    expect(positive(faceless)).toBeNull();
  }
  expect(nets.engine.tf.memory()).toMatchObject({ numTensors, numBytes });
});

test('models are named with their versions and licences; without expressions nothing is read', async () => {
  expect(nets.models).toEqual([
    { id: 'blazeface-256', version: expect.stringMatching(/^\d/), licence: 'MIT' },
    { id: 'face-api-expression', version: expect.stringMatching(/^\d/), licence: 'MIT' },
  ]);
  const finder = await loadFaceNets(nets.engine, { expressions: false });
  expect(finder.models.map(({ id }) => id)).toEqual(['blazeface-256']);
  const frame = happyFrame();
  expect(finder.findFaces(frame)).toEqual(nets.findFaces(frame));
  expect(finder.findFaces(frame)).toHaveLength(1);
  expect(() => finder.express(frame, { x: 0, y: 0, side: 100 })).toThrow('faces are not scored here');
});

test('a picture whose bytes do not fit its size is refused', () => {
  expect(() => nets.detect({ width: 4, height: 4, rgb: new Uint8Array(47) })).toThrow(RangeError);
});

import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { largest, loadFaceDetector, squareAround } from '../../models/blazeface.ts';
import { loadEngine, type Tf } from '../../models/engine.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { loadOwnFaceModel } from '../../models/own/face-model.ts';
import type { Picture } from '../../models/picture.ts';
import { tinyGraph } from '../stand-ins/tiny-graph.ts';
import { happyFrame } from './pictures.ts';

const root = mkdtempSync(join(tmpdir(), 'face-'));
afterAll(() => rmSync(root, { recursive: true }));

let tf: Tf;
beforeAll(async () => {
  tf = (await loadEngine()).tf;
});

/** A folder with the graph whose outputs are the mean red, green and blue of the picture, and a card for it. */
function folderWith(card: object = {}, graph: object = {}): string {
  const folder = mkdtempSync(join(root, 'model-'));
  const { model, weights } = tinyGraph();
  weights.forEach(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
  });
  writeFileSync(join(folder, 'model.json'), JSON.stringify({ ...model, ...graph }));
  writeFileSync(join(folder, 'card.json'), JSON.stringify({ ...CARD, ...card }));
  return folder;
}

const CARD = {
  id: 'colours',
  version: '1.0',
  licence: 'MIT',
  input: { size: 16, channels: 'rgb', from: [0, 1] },
  classes: ['negative', 'neutral', 'positive'],
  softmax: true,
};

const plain = (...colour: [number, number, number]): Picture => ({
  width: 20,
  height: 20,
  rgb: Uint8Array.from({ length: 1200 }, (_, at) => colour[at % 3] ?? 0),
});
const SQUARE = { x: 2, y: 2, side: 10 };

test('the expression net of another package, with a card, finds the smile', async () => {
  const folder = mkdtempSync(join(root, 'human-'));
  const models = join(dirname(createRequire(import.meta.url).resolve('@vladmandic/human')), '../models');
  copyFileSync(join(models, 'emotion.json'), join(folder, 'model.json'));
  copyFileSync(join(models, 'emotion.bin'), join(folder, 'emotion.bin'));
  const card = {
    id: 'mini-xception',
    version: '3.3.6',
    licence: 'MIT',
    input: { size: 64, channels: 'grey', from: [-1, 1] },
    // Angry, disgusted, afraid, happy, sad, surprised, neutral.
    classes: ['negative', 'negative', 'negative', 'positive', 'negative', 'neutral', 'neutral'],
    softmax: false,
  };
  writeFileSync(join(folder, 'card.json'), JSON.stringify(card));
  const own = await loadOwnFaceModel(tf, folder);
  expect(own.use).toEqual({ id: 'mini-xception', version: '3.3.6', licence: 'MIT' });

  const frame = happyFrame();
  const face = largest((await loadFaceDetector(tf))(frame));
  if (!face) throw new Error('no face');
  const { numTensors, numBytes } = tf.memory();
  for (let n = 0; n < 3; n++) expect(own.express(frame, squareAround(face))?.positive).toBeGreaterThan(0.8);
  expect(tf.memory()).toMatchObject({ numTensors, numBytes });
});

describe('a tiny graph', () => {
  /** e^1 against e^0, twice. */
  const MUCH = Math.E / (Math.E + 2);

  test('sees the colours of the square, in the order of its classes', async () => {
    const own = await loadOwnFaceModel(tf, folderWith());
    expect(own.express(plain(255, 0, 0), SQUARE)?.negative).toBeCloseTo(MUCH);
    expect(own.express(plain(0, 255, 0), SQUARE)?.neutral).toBeCloseTo(MUCH);
    expect(own.express(plain(0, 0, 255), SQUARE)?.positive).toBeCloseTo(MUCH);
  });

  test('reads what its card says: range, classes that are added, the output by name', async () => {
    const card = {
      input: { ...CARD.input, from: [5, -5] },
      classes: ['neutral', 'positive', 'positive'],
      output: 'colours',
    };
    const own = await loadOwnFaceModel(tf, folderWith(card));
    // Black is 5 now, and red −5.
    expect(own.express(plain(255, 0, 0), SQUARE)?.positive).toBeCloseTo(1);
    expect(own.express(plain(0, 0, 0), SQUARE)).toEqual({
      negative: 0,
      neutral: expect.closeTo(1 / 3),
      positive: expect.closeTo(2 / 3),
    });
  });

  test('takes probabilities as they are', async () => {
    // Black is a third of each.
    const card = { softmax: false, input: { ...CARD.input, from: [1 / 3, 1] } };
    const own = await loadOwnFaceModel(tf, folderWith(card));
    expect(own.express(plain(255, 0, 0), SQUARE)).toEqual({
      negative: expect.closeTo(0.6),
      neutral: expect.closeTo(0.2),
      positive: expect.closeTo(0.2),
    });
  });
});

describe('a net that has no number for what is not black', () => {
  const black = plain(0, 0, 0);
  /** The root of 1 for black, of what is negative for all else. */
  function rooted(): string {
    const { model } = tinyGraph();
    const root = { name: 'root', op: 'Sqrt', input: ['colours'], attr: {} };
    const modelTopology = { ...model.modelTopology, node: [...model.modelTopology.node, root] };
    return folderWith({ input: { ...CARD.input, from: [1, -99] } }, { modelTopology });
  }

  test('has no answer, tells once why, and answers again', async () => {
    const own = await loadOwnFaceModel(tf, rooted());
    const { numTensors } = tf.memory();
    expect(own.express(plain(200, 200, 200), SQUARE)).toBeNull();
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(own.takeFault()).toMatchObject({
      code: 'CA_MODEL_INVALID',
      message: expect.stringMatching(/the net colours answered .* no finite number/),
    });
    expect(own.takeFault()).toBeNull();
    expect(own.express(black, SQUARE)?.neutral).toBeCloseTo(1 / 3);
    expect(own.takeFault()).toBeNull();
  });

  test('a fault of ours is none of its own', async () => {
    const own = await loadOwnFaceModel(tf, rooted());
    const cutOff = { ...black, rgb: null as unknown as Uint8Array };
    expect(() => own.express(cutOff, SQUARE)).toThrow(TypeError);
    expect(own.takeFault()).toBeNull();
  });

  test('takes no thread down: its faces are unsure, and it is told of once', async () => {
    const clock = new ManualClock();
    const lines: Record<string, unknown>[] = [];
    const log = createLog('warn', { write: (line) => lines.push(JSON.parse(line)) });
    const scorer = new FaceScorer({ clock, log, cpu: 4, own: rooted() });
    try {
      await scorer.start(new AbortController().signal);
      expect(scorer.health()).toMatchObject({ status: 'ok', detail: { fault: null } });
      const session = scorer.begin({ left: 0, right: 1, top: 0, bottom: 1 });
      const frame = happyFrame();
      for (let n = 0; n < 3; n++) {
        session.see({ ...frame, at: clock.now() });
        while (clock.waiting().includes('answer of the face worker')) await pause(2);
        clock.advance(1_000);
      }
      expect(session.scores().summary).toMatchObject({ looked: 3, scored: 0, dropped: 0 });
      expect(session.scores().bins.map(({ untold }) => untold)).toEqual(['unsure', 'unsure', 'unsure']);
      expect(scorer.health()).toMatchObject({
        status: 'ok',
        detail: { restarts: 0, fault: expect.stringContaining('colours') },
      });
      expect(lines).toEqual([expect.objectContaining({ fault: expect.stringContaining('colours') })]);
    } finally {
      await scorer.stop();
    }
  });
});

test.each<[string, () => string, RegExp]>([
  ['without a card', () => join(root, 'none'), /none\/card\.json: ENOENT/],
  ['without a licence', () => folderWith({ licence: undefined }), /card\.json: licence: /],
  ['with a setting that nobody knows', () => folderWith({ gamma: 2 }), /card\.json: .*gamma/],
  [
    'with a class too many',
    () => folderWith({ classes: [...CARD.classes, 'ignored'] }),
    /4 are named, the graph has 3/,
  ],
  [
    'that knows no neutral',
    () => folderWith({ classes: ['negative', 'ignored', 'positive'] }),
    /classes: .*neutral/,
  ],
  [
    'that knows nothing else',
    () => folderWith({ classes: ['neutral', 'ignored', 'ignored'] }),
    /classes: .*neutral/,
  ],
  [
    'with an output it does not have',
    () => folderWith({ output: 'smells' }),
    /output: the graph has colours/,
  ],
  ['whose outputs are no probabilities', () => folderWith({ softmax: false }), /softmax: .*logits/],
  [
    'of another input',
    () => folderWith({ input: { ...CARD.input, channels: 'grey' } }),
    /model\.json: the graph does not run: .*\[1,16,16,1\]/,
  ],
  ['of layers', () => folderWith({}, { format: 'layers-model' }), /model\.json: format: only graph models/],
  [
    'with weights elsewhere',
    () => folderWith({}, { weightsManifest: [{ paths: ['/etc/passwd'], weights: [] }] }),
    /paths\.0: the name of a file/,
  ],
  [
    'with a shard missing',
    () => folderWith({}, { weightsManifest: [{ paths: ['w.bin'], weights: [] }] }),
    /weights cannot be read: .*w\.bin/,
  ],
  ['with too few weights', () => broken('shard2.bin', ''), /model\.json: the graph does not load: /],
  [
    'with an unknown operator',
    () => unknownOperator(),
    /model\.json: the graph does not (load|run): .*Telepathy/,
  ],
  ['whose graph is no JSON', () => broken('model.json', '{'), /model\.json: .*JSON/],
])('a model %s is refused', async (_what, folder, why) => {
  await expect(loadOwnFaceModel(tf, folder())).rejects.toMatchObject({
    code: 'CA_MODEL_INVALID',
    message: expect.stringMatching(why),
  });
});

function broken(file: string, text: string): string {
  const folder = folderWith();
  writeFileSync(join(folder, file), text);
  return folder;
}

function unknownOperator(): string {
  const { model } = tinyGraph();
  const node = model.modelTopology.node.map((one) => (one.op === 'Mean' ? { ...one, op: 'Telepathy' } : one));
  return folderWith({}, { modelTopology: { ...model.modelTopology, node } });
}

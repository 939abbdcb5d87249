import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { FacePresence } from '../../device/face-presence.ts';
import { createLog } from '../../device/log.ts';
import type { InputEvent } from '../../drivers/types.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { WHOLE } from '../../models/session.ts';
import { facelessFrame, happyFrame, nearFrame } from './pictures.ts';

/** The camera as a sensor, with the real net: the face of the demo comes and goes. */

const ASTRONAUT = fileURLToPath(new URL('../../.cache/media/astronaut.png', import.meta.url));
const clock = new ManualClock({ mono: 0, wall: 0 });
let finder: FaceScorer;

beforeAll(async () => {
  finder = new FaceScorer({ clock: systemClock, log: createLog('silent'), expressions: false });
  await finder.start(new AbortController().signal);
});
afterAll(() => finder.stop());

/** The photograph before grey, so many pixels wide, its upper left corner at (x, y). Its face is at (0.44, 0.24), 0.2 high. */
function placed(width: number, x: number, y: number) {
  const filter = `[1]scale=${width}:${width}[face];[0][face]overlay=${x}:${y}`;
  const grey = ['-f', 'lavfi', '-i', 'color=gray:s=320x240:d=1:r=1'];
  const output = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const args = ['-v', 'error', ...grey, '-i', ASTRONAUT, '-filter_complex', filter, ...output];
  return { width: 320, height: 240, rgb: execFileSync('ffmpeg', args) };
}

test('faces are found where they are, as shares of the picture, and nothing else is said of them', async () => {
  const found = await finder.find(happyFrame());
  if (found === 'dropped') throw new Error('dropped');
  expect(found).toHaveLength(1);
  // The photograph fills 240 × 240 pixels, 40 from the left.
  const [{ x = 0, y = 0, width = 0, height = 0 } = {}] = found;
  expect(x + width / 2).toBeCloseTo((40 + 0.44 * 240) / 320, 1);
  expect(y + height / 2).toBeCloseTo(0.24, 1);
  expect(height).toBeGreaterThan(0.15);
  expect(height).toBeLessThan(0.27);
  expect(Object.keys(found[0] ?? {}).sort()).toEqual(['height', 'width', 'x', 'y']);
  expect(await finder.find(facelessFrame())).toEqual([]);
});

test('where faces are only found, none is ever scored', () => {
  const zone = { left: 0, right: 1, top: 0, bottom: 1 };
  expect(() => finder.begin(zone)).toThrow(expect.objectContaining({ code: 'CA_SCORES_REFUSED' }));
  const { status, detail } = finder.health();
  expect(status).toBe('ok');
  expect(detail?.models).toMatch(/^blazeface-256 \S+ \(MIT\)$/);
});

test('several desks ask at once, and each has its answer', async () => {
  const answers = await Promise.all([happyFrame(), facelessFrame(), nearFrame()].map((f) => finder.find(f)));
  expect(answers.map((faces) => faces.length)).toEqual([1, 0, 1]);
});

test('a patient comes, is seen in the zone only, and goes', async () => {
  const zone = { left: 0.5, right: 1, top: 0, bottom: 1, smallest: 0.12 };
  const sensor = new FacePresence({ zone, patient: WHOLE, hold: 2_000, rate: 2, finder, clock });
  const said: InputEvent[] = [];
  sensor.start((event) => said.push(event));
  const at = () => said.map((event) => [event.kind === 'presence' && event.present, event.at.mono]);
  async function show(picture: { width: number; height: number; rgb: Buffer }, seconds: number) {
    for (let n = 0; n < seconds; n++) {
      clock.advance(1_000);
      await sensor.see({ ...picture, at: clock.now() });
    }
  }
  await show(facelessFrame(), 1);
  // The receptionist's side; the waiting room, far away; before the desk.
  await show(placed(200, 0, 20), 2);
  await show(placed(60, 200, 60), 2);
  expect(at()).toEqual([[false, 1_000]]);
  await show(placed(200, 115, 20), 2);
  expect(at().slice(1)).toEqual([[true, 6_000]]);
  await show(placed(200, 0, 20), 3);
  expect(at().slice(2)).toEqual([[false, 9_000]]);
  await show(placed(200, 115, 20), 1);
  clock.advance(5_000);
  expect(said.slice(3).map(({ kind }) => kind)).toEqual(['presence', 'lost']);
  await sensor.stop();
});

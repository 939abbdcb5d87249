import { expect, test } from 'vitest';
import type { InputEvent, VideoFrame } from '../drivers/types.ts';
import type { FaceBox, FindResult } from '../models/face-scorer.ts';
import { ManualClock } from './clock.ts';
import { FacePresence } from './face-presence.ts';

const FACE: FaceBox = { x: 0.4, y: 0.3, width: 0.2, height: 0.3 };
const WHOLE = { left: 0, right: 1, top: 0, bottom: 1 };
const ZONE = { left: 0, right: 1, top: 0, bottom: 1, smallest: 0.12 };

/** A sensor whose faces are given by hand, and what it says: `+` somebody, `-` nobody, `?` lost; each with its second. */
function sensor({ hold = 3_000, rate = 2, patient = WHOLE } = {}) {
  const clock = new ManualClock({ mono: 0, wall: 0 });
  let faces: FindResult | Promise<FindResult> = [];
  let asked = 0;
  const searched: VideoFrame[] = [];
  const finder = {
    find: async (frame: VideoFrame) => {
      asked += 1;
      searched.push(frame);
      return faces;
    },
  };
  const driver = new FacePresence({ zone: ZONE, patient, hold, rate, finder, clock });
  const said: string[] = [];
  const sign = (event: InputEvent) =>
    event.kind === 'lost' ? '?' : event.kind === 'presence' && event.present ? '+' : '-';
  driver.start((event) => said.push(`${sign(event)}${event.at.mono / 1_000}`));
  return {
    driver,
    clock,
    said,
    asked: () => asked,
    searched,
    see: () => {
      const frame = { width: 320, height: 240, rgb: Buffer.alloc(320 * 240 * 3, 128), at: clock.now() };
      return driver.see(frame);
    },
    /** Pictures for so many seconds, two a second. */
    async show(found: FindResult, seconds: number) {
      faces = found;
      for (let n = 0; n < seconds * 2; n++) {
        clock.advance(500);
        await this.see();
      }
    },
    answer(found: FindResult | Promise<FindResult>) {
      faces = found;
    },
  };
}

test('a face is presence from its first picture to so long after its last', async () => {
  const desk = sensor();
  await desk.show([], 1);
  await desk.show([FACE], 2);
  await desk.show([], 2);
  await desk.show([FACE], 1);
  await desk.show([], 5);
  expect(desk.said).toEqual(['-0.5', '+1.5', '-9']);
  expect(desk.driver.health()).toEqual({ status: 'ok', detail: { searched: 22 } });
});

test('only the patient’s side is searched, and a face there is where it is in the whole picture', async () => {
  const right = { ...WHOLE, left: 0.5 };
  const desk = sensor({ patient: right });
  // A seventh of the height of what was searched, and its middle in the middle of that.
  await desk.show([{ x: 0.4, y: 0.4, width: 0.2, height: 0.14 }], 1);
  expect(desk.searched[0]).toMatchObject({ width: 160, height: 240 });
  expect(desk.said).toEqual(['+0.5']);
  const upper = sensor({ patient: { ...WHOLE, bottom: 0.5 } });
  // Half as high as it seems: too small to be near.
  await upper.show([{ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }], 1);
  expect(upper.said).toEqual(['-0.5']);
});

test('of more pictures than it needs it searches two a second', async () => {
  const desk = sensor();
  for (let n = 0; n < 50; n++) {
    desk.clock.advance(100);
    await desk.see();
  }
  expect(desk.asked()).toBe(13);
});

test('without pictures for 5 s it is lost, once, and says what is so when they come again', async () => {
  const desk = sensor();
  await desk.show([FACE], 1);
  desk.clock.advance(4_999);
  expect(desk.said).toEqual(['+0.5']);
  desk.clock.advance(20_000);
  expect(desk.said).toEqual(['+0.5', '?6']);
  expect(desk.driver.health()).toMatchObject({
    status: 'degraded',
    reason: expect.stringMatching(/no pictures for 5 s.*paused, vetoed/),
    detail: { code: 'CA_INPUT_LOST' },
  });
  await desk.show([], 1);
  expect(desk.said.slice(2)).toEqual(['-26.499']);
  expect(desk.driver.health().status).toBe('ok');
});

test('a camera that never gives a picture is lost, too', () => {
  const desk = sensor();
  desk.clock.advance(5_000);
  expect(desk.said).toEqual(['?5']);
});

test('pictures that nobody searches count as none, and health says so', async () => {
  const desk = sensor();
  await desk.show([FACE], 1);
  await desk.show('dropped', 4);
  expect(desk.said).toEqual(['+0.5']);
  await desk.show('dropped', 2);
  expect(desk.said).toEqual(['+0.5', '?6']);
  expect(desk.driver.health().reason).toMatch(/could be searched/);
});

test('one picture is searched at a time, and an answer after the end is nobody’s', async () => {
  const desk = sensor();
  const slow = Promise.withResolvers<FindResult>();
  desk.answer(slow.promise);
  const first = desk.see();
  await desk.see();
  await desk.see();
  expect(desk.asked()).toBe(1);
  await desk.driver.stop();
  slow.resolve([FACE]);
  await first;
  await desk.see();
  expect(desk.said).toEqual([]);
  expect(desk.asked()).toBe(1);
  expect(desk.clock.waiting()).toEqual([]);
});

test('rare pictures are waited for', async () => {
  const desk = sensor({ hold: 0, rate: 0.2 });
  for (const faces of [[FACE], [], [], []]) {
    desk.answer(faces);
    desk.clock.advance(5_000);
    await desk.see();
  }
  expect(desk.said).toEqual(['+5', '-20']);
});

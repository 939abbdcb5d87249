import { expect, test } from 'vitest';
import { ManualClock } from '../device/clock.ts';
import type { Valence } from './readings.ts';
import { ScoredFace } from './scored-face.ts';

const WHOLE = { left: 0, right: 1, top: 0, bottom: 1 };
const CALM = { negative: 0.05, neutral: 0.9, positive: 0.05 };
const CROSS = { negative: 0.9, neutral: 0.05, positive: 0.05 };
const ZONES = [
  { ...WHOLE, right: 0 },
  { ...WHOLE, left: 0.6, right: 0.5 },
  { ...WHOLE, top: 0.5, bottom: 0.5 },
  { ...WHOLE, left: -0.1 },
  { ...WHOLE, bottom: 1.01 },
  { ...WHOLE, top: Number.NaN },
  { ...WHOLE, right: Number.POSITIVE_INFINITY },
];

/** A session whose pictures nobody takes, and what is said of them. */
function session(zone = WHOLE) {
  const clock = new ManualClock();
  const state = {
    ready: true,
    wakes: 0,
    skipped: 0,
    forgotten: 0,
    because: 'dropped' as 'dropped' | 'paced',
  };
  const face = new ScoredFace({
    id: 0,
    zone,
    clock,
    looker: {
      models: () => [],
      ready: () => state.ready,
      wake: () => {
        state.wakes += 1;
      },
      skipped: () => {
        state.skipped += 1;
        return state.because;
      },
      ended: () => {
        state.forgotten += 1;
      },
    },
  });
  const frame = (value = 7, [width, height] = [4, 2]) => {
    const rgb = Buffer.alloc(width * height * 3, value);
    return { width, height, rgb, at: clock.now() };
  };
  /** Half a second each. */
  const shows = (valence: Valence, from: number, to: number) => {
    for (let at = from; at < to; at += 0.5)
      face.heard({ at, shows: valence, face: 0, others: 0, detected: true });
  };
  return { clock, state, face, frame, shows };
}

test.each(ZONES.map((zone) => [zone]))('no session of the zone %j', (zone) => {
  expect(() => session(zone)).toThrow(expect.objectContaining({ code: 'CA_SCORES_REFUSED' }));
});

test('the latest picture waits, with its time since the beginning, and only the zone of it is given away', () => {
  const { clock, state, face, frame } = session({ left: 0, right: 0.5, top: 0, bottom: 0.5 });
  clock.advance(400);
  face.see(frame(1));
  clock.advance(200);
  face.see(frame(2));
  expect(state).toMatchObject({ wakes: 2, skipped: 1 });
  expect(face.take()).toEqual({
    picture: { width: 2, height: 1, rgb: new Uint8Array(6).fill(2) },
    at: 0.6,
  });
  expect(face.waits).toBe(false);
  expect(face.take()).toBeNull();
  expect(face.scores().summary.dropped).toBe(1);
});

test('a picture that the budget holds back is not one for which there was no time', () => {
  const { state, face, frame } = session();
  state.because = 'paced';
  face.see(frame());
  face.see(frame());
  expect(state.skipped).toBe(1);
  expect(face.scores().summary.dropped).toBe(0);
});

test('what cannot be looked at is dropped: no worker, a picture that is none, a zone of less than a pixel', () => {
  const { state, face, frame } = session({ ...WHOLE, left: 0.3, right: 0.7 });
  face.see(frame(0, [2, 2]));
  face.see({ ...frame(), height: 3 });
  state.ready = false;
  face.see(frame());
  expect(face.waits).toBe(false);
  expect(face.scores().summary.dropped).toBe(3);
});

test('what was captured before the session is not looked at', () => {
  const { clock, state, face, frame } = session();
  const { mono, wall } = clock.now();
  face.see({ ...frame(), at: { mono: mono - 1, wall } });
  expect(face.waits).toBe(false);
  expect(state.skipped).toBe(0);
});

test('the face of another worker is another face: what was usual with the first does not count for it', () => {
  const [one, other] = [session(), session()];
  one.shows(CALM, 0, 5);
  one.shows(CROSS, 5, 15);
  expect(one.face.scores(15).summary.verdict).toBe('negative');

  other.shows(CALM, 0, 5);
  other.face.restart();
  other.shows(CROSS, 5, 15);
  expect(other.face.scores(15).summary.verdict).not.toBe('negative');
  expect(other.face.scores(15).summary.looked).toBe(30);
});

test('a worker that is gone takes the picture along that waits', () => {
  const { state, face, frame } = session();
  face.see(frame());
  face.restart();
  expect(face.waits).toBe(false);
  expect(state.skipped).toBe(1);
});

test('after its end nothing comes in, once is enough, and what was there stays', () => {
  const { state, face, frame, shows } = session();
  shows(CALM, 0, 2);
  face.see(frame());
  face.end();
  face.end();
  expect(state.forgotten).toBe(1);
  expect(face.waits).toBe(false);
  face.see(frame());
  face.lost();
  shows(CALM, 2, 4);
  expect(state.skipped).toBe(0);
  expect(face.scores(2).summary).toMatchObject({ looked: 4, dropped: 0 });
  expect(face.scores(4).summary.looked).toBe(4);
});

test('without an end the time up to now counts', () => {
  const { clock, face, shows } = session();
  shows(CALM, 0, 2);
  clock.advance(20_000);
  expect(face.scores().bins).toHaveLength(20);
  expect(face.scores(3).bins).toHaveLength(3);
});

import { expect, test } from 'vitest';
import { ManualClock } from '../device/clock.ts';
import type { SoundReading } from './readings.ts';
import { ScoredSound } from './scored-sound.ts';

/** Bytes of a quarter of a second of one channel. */
const PIECE = 8_000;

/** A session that nobody listens to, and what is said of it. */
function session(patient: 'left' | 'right' | null = null) {
  const clock = new ManualClock();
  const state = { ready: true, wakes: 0, dropped: 0, forgotten: 0 };
  const sound = new ScoredSound({
    id: 0,
    channel: 'desk',
    patient,
    phrases: null,
    clock,
    listener: {
      models: () => [],
      ready: () => state.ready,
      wake: () => {
        state.wakes += 1;
      },
      dropped: (seconds) => {
        state.dropped += seconds;
      },
      ended: () => {
        state.forgotten += 1;
      },
    },
  });
  const takeAll = () => {
    const pieces = [];
    for (let piece = sound.take(); piece; piece = sound.take()) pieces.push(piece);
    return pieces;
  };
  return { clock, state, sound, takeAll };
}

/** Samples that count. */
function counting(samples: number): Buffer {
  return Buffer.from(Int16Array.from({ length: samples }, (_, n) => n).buffer);
}

function reading(from: number): SoundReading {
  const patient = { speech: 1, spoken: [], level: -20, pitch: null, effort: null, above: false };
  return { from, to: from + 0.25, patient, receptionist: null, voice: null, phrases: [] };
}

test.each([
  [null, 4_000],
  ['left', 8_000],
] as const)('sound comes as it likes and leaves in quarters of a second; patient: %s', (patient, length) => {
  const { state, sound, takeAll } = session(patient);
  const pcm = counting(2 * length + 100);
  for (let at = 0; at < pcm.length; at += 999) sound.hear(pcm.subarray(at, at + 999));
  expect(state.wakes).toBeGreaterThan(0);
  const pieces = takeAll();
  expect(pieces.map(({ at }) => at)).toEqual([0, 0.25]);
  expect(pieces.map(({ samples }) => [samples.length, samples[0], samples[length - 1]])).toEqual([
    [length, 0, length - 1],
    [length, length, 2 * length - 1],
  ]);
});

test('five seconds wait at most: the oldest are dropped, and how many is told', () => {
  const { state, sound, takeAll } = session();
  sound.hear(Buffer.alloc(PIECE * 24));
  const waiting = takeAll();
  expect([waiting.length, waiting[0]?.at, waiting.at(-1)?.at]).toEqual([20, 1, 5.75]);
  expect(state.dropped).toBe(1);
  expect(sound.scores().summary.dropped).toBe(1);
});

test('without a worker sound is dropped, but time goes on', () => {
  const { state, sound, takeAll } = session();
  state.ready = false;
  sound.hear(Buffer.alloc(PIECE * 2));
  expect(sound.waits).toBe(false);
  state.ready = true;
  sound.hear(Buffer.alloc(PIECE));
  sound.restart();
  sound.hear(Buffer.alloc(PIECE));
  expect(takeAll().map(({ at }) => at)).toEqual([0.75]);
  expect(state.dropped).toBe(0.75);
});

test('while the microphone was closed time went on, too; a sound card that is late is no hole', () => {
  const { clock, sound, takeAll } = session();
  clock.advance(1_900);
  sound.hear(Buffer.alloc(PIECE));
  expect(takeAll().map(({ at }) => at)).toEqual([0]);
  clock.advance(10_000);
  sound.hear(Buffer.alloc(PIECE / 2));
  sound.hear(Buffer.alloc(PIECE / 2));
  expect(takeAll().map(({ at }) => at)).toEqual([11.775]);
  sound.hear(Buffer.alloc(PIECE));
  expect(takeAll().map(({ at }) => at)).toEqual([12.025]);
  expect(sound.scores().summary.dropped, 'nothing of it was dropped').toBe(0);
});

test('a piece that was begun before the microphone closed is given up and counted, and what comes has its time', () => {
  const { clock, state, sound, takeAll } = session();
  clock.advance(100);
  sound.hear(Buffer.alloc((PIECE * 2) / 5));
  clock.advance(10_000);
  sound.hear(Buffer.alloc(PIECE));
  expect(takeAll().map(({ at }) => at)).toEqual([expect.closeTo(9.85, 9)]);
  expect(state.dropped).toBeCloseTo(0.1, 9);
  expect(sound.scores().summary.dropped).toBeCloseTo(0.1, 9);
});

test('what came after the patient left is left out', () => {
  const { sound } = session();
  sound.heard([reading(0), reading(0.25), reading(0.5), reading(0.75), reading(1)]);
  expect(sound.scores().summary.heard).toBe(1.25);
  expect(sound.scores(0.5)).toMatchObject({ kind: 'sound', summary: { heard: 0.5 } });
  expect(sound.scores(0.5).bins).toHaveLength(1);
  expect(sound.scores(10).bins).toHaveLength(2);
});

test('after its end nothing comes in, and once is enough', () => {
  const { state, sound } = session();
  sound.hear(Buffer.alloc(PIECE));
  sound.end();
  sound.end();
  sound.hear(Buffer.alloc(PIECE));
  sound.heard([reading(0)]);
  sound.lost();
  expect(sound.waits).toBe(false);
  expect(state).toMatchObject({ forgotten: 1, dropped: 0 });
  expect(sound.scores().summary.heard).toBe(0);
});

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { VideoFrame } from '../../drivers/types.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { ChannelUsual } from '../../models/raised-voice.ts';
import { loadSoundModels, type SoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import { nearFrame } from './pictures.ts';

/** The demo's, made by `systemd/setup.sh`. */
const DIALOGUE = join(import.meta.dirname, '../../.cache/demo/dialogue.wav');

/** A receptionist stands on the right and has the right microphone. No net sees or hears them (EU AI Act Art. 5(1)(f)). */

describe("the receptionist's side of the picture", () => {
  const { width, height, rgb: face } = nearFrame();
  const clock = new ManualClock();
  const scorer = new FaceScorer({ clock, log: createLog('fatal', { write: () => {} }), cpu: 4 });
  beforeAll(() => scorer.start(new AbortController().signal));
  afterAll(() => scorer.stop());

  const PATIENT = { left: 0, right: 0.5, top: 0, bottom: 1 };

  /** A picture twice as wide: on the left a face, or nobody; on the right whatever `right` puts there. */
  function desk(patient: Buffer | null, right: (row: number, at: number) => number): VideoFrame {
    const rgb = Buffer.alloc(2 * width * height * 3);
    for (let row = 0; row < height; row++) {
      const [from, to] = [row * width * 3, 2 * row * width * 3];
      patient?.copy(rgb, to, from, from + width * 3);
      for (let at = 0; at < width * 3; at++) rgb[to + width * 3 + at] = right(row, at);
    }
    return { width: 2 * width, height, rgb, at: clock.now() };
  }
  const nobody = () => 0;
  const receptionist = (row: number, at: number) => face[row * width * 3 + at] ?? 0;
  const poison = (row: number, at: number) => (row * 7_919 + at * 104_729) & 255;

  /** Everything that the scorer says after three pictures, as text. */
  async function said(
    patient: Buffer | null,
    ...right: ((row: number, at: number) => number)[]
  ): Promise<string> {
    const session = scorer.begin(PATIENT);
    for (let n = 0; n < 3; n++) {
      session.see(desk(patient, right[n % right.length] ?? nobody));
      // The scorer waits for its worker, and for its budget's sake.
      for (let ms = 0; ms < 1_000; ms += 100) {
        while (clock.waiting().includes('answer of the face worker')) await pause(2);
        clock.advance(100);
      }
    }
    const scores = session.scores();
    session.end();
    expect(scores.summary.looked).toBe(3);
    return JSON.stringify(scores);
  }

  test("changes no byte of what is said of the patient's face", async () => {
    const alone = await said(face, nobody);
    expect(JSON.parse(alone).summary).toMatchObject({ scored: 3, others: 0 });
    expect(await said(face, receptionist)).toBe(alone);
    expect(await said(face, poison, nobody, receptionist)).toBe(alone);
  });

  test('is not scored in place of a patient who is not there', async () => {
    const empty = await said(null, nobody);
    expect(JSON.parse(empty).summary).toMatchObject({ scored: 0, others: 0, untold: { 'no-face': 3 } });
    expect(await said(null, receptionist)).toBe(empty);
  });
});

describe("the receptionist's microphone", () => {
  const RATE = 16_000;
  let models: SoundModels;
  /** Somebody who speaks for 8 s. */
  let speech: Int16Array;
  beforeAll(async () => {
    models = await loadSoundModels({ own: { voice: null, speech: null, phrases: {} } });
    const output = ['-t', '8', '-f', 's16le', '-ar', `${RATE}`, '-ac', '1', 'pipe:1'];
    const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', DIALOGUE, ...output]);
    speech = Int16Array.from({ length: 8 * RATE }, (_, n) => pcm.readInt16LE(2 * n));
  });

  /** What the spy of a voice model was given: windows of samples, as whole numbers. */
  async function heard(
    channels: 1 | 2,
    patient: 'left' | 'right' | null,
    samples: Int16Array,
  ): Promise<number[][]> {
    const windows: number[][] = [];
    const voice = {
      use: { id: 'spy', version: '1', licence: 'none' },
      window: 1,
      score: async (given: Float32Array) => {
        windows.push(Array.from(given, (sample) => sample * 32_768));
        return { negative: 0, neutral: 1, positive: 0 };
      },
    };
    const pipeline = new SoundPipeline(
      { ...models, voice },
      { channels, patient, usual: new ChannelUsual() },
    );
    const readings = [];
    for (let at = 0; at < samples.length; at += 1_000 * channels) {
      readings.push(...pipeline.hear(samples.subarray(at, at + 1_000 * channels)));
      await Promise.resolve();
    }
    readings.push(...pipeline.end());
    expect(
      readings.filter(({ patient, receptionist }) => patient.speech + (receptionist?.speech ?? 0) > 0),
    ).not.toEqual([]);
    return windows;
  }

  /**
   * First the patient speaks, then the receptionist, then both. Every sample can be told by whose it is: the patient's
   * are multiples of 16, the receptionist's leave 5 when divided by 16, in silence too.
   */
  function twoVoices(patient: 'left' | 'right'): Int16Array {
    const [mine, theirs] = patient === 'left' ? [0, 1] : [1, 0];
    const samples = new Int16Array(2 * 24 * RATE);
    for (let n = 0; n < 24 * RATE; n++) {
      const turn = Math.floor(n / (8 * RATE));
      const spoken = (speech[n % (8 * RATE)] ?? 0) & ~15;
      samples[2 * n + mine] = turn === 1 ? 0 : spoken;
      samples[2 * n + theirs] = (turn === 0 ? 0 : spoken) + 5;
    }
    return samples;
  }

  test.each(['left', 'right'] as const)(
    "not one sample reaches a voice model: the patient's is the %s one",
    async (patient) => {
      const windows = await heard(2, patient, twoVoices(patient));
      expect(windows.length).toBeGreaterThan(1);
      expect(windows.flat().some((sample) => sample !== 0)).toBe(true);
      expect(windows.flat().filter((sample) => sample % 16 !== 0)).toEqual([]);
    },
  );

  test('whose it is must be known: by two microphones of which none is named, or by one, no model is asked', async () => {
    const both = twoVoices('left');
    expect(await heard(2, null, both)).toEqual([]);
    const mono = both.filter((_, n) => n % 2 === 0);
    for (const patient of [null, 'left', 'right'] as const) expect(await heard(1, patient, mono)).toEqual([]);
  });
});

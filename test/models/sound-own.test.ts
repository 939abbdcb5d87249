import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { PhraseFinder } from '../../models/own/phrase-finder.ts';
import type { VoiceModel } from '../../models/own/voice-model.ts';
import { ChannelUsual } from '../../models/raised-voice.ts';
import type { SoundReading } from '../../models/readings.ts';
import { loadSoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import { lay, mix, pcm, RATE, say } from '../stand-ins/two-voices.ts';
import { models } from './sound-rig.ts';

/** What models of the user's own get to hear: a spy stands for one. */

const use = { id: 'spy', version: '1', licence: 'none' };
const VALENCE = { negative: 0.2, neutral: 0.5, positive: 0.3 };

function spy(answer: () => Promise<typeof VALENCE> = async () => VALENCE) {
  const heard: Float32Array[] = [];
  const score = (samples: Float32Array) => {
    heard.push(samples);
    return answer();
  };
  return { model: { use, window: 1, score } satisfies VoiceModel, heard };
}

const patient = lay(
  [
    { at: 1, voice: {}, text: 'I have an appointment with doctor Adams at ten' },
    { at: 8.4, voice: {}, text: 'But I have been waiting for half an hour' },
  ],
  11,
);
const receptionist = lay(
  [
    {
      at: 4.5,
      voice: { name: 'en-us+f3' },
      text: 'The doctor will call you in five minutes so please take a seat',
    },
  ],
  11,
);
/** Each microphone hears the other side, too. */
const left = mix([patient, 0], [receptionist, -18]);
const right = mix([receptionist, 0], [patient, -18]);

interface Given {
  channels?: readonly Float32Array[];
  side?: 'left' | 'right' | null;
  voice?: VoiceModel | null;
  phrases?: PhraseFinder | null;
}

async function listen({ channels = [left, right], side = 'left', voice = null, phrases = null }: Given) {
  const count = channels.length === 2 ? 2 : 1;
  const options = { channels: count, patient: side, usual: new ChannelUsual() } as const;
  const pipeline = new SoundPipeline({ ...models, voice, phrases }, options);
  const samples = pcm(...channels);
  const readings: SoundReading[] = [];
  for (let at = 0; at < samples.length; at += RATE * count) {
    readings.push(...pipeline.hear(samples.subarray(at, at + RATE * count)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  readings.push(...pipeline.end());
  return { readings, fault: pipeline.takeFault() };
}

/** How like two sounds of the same length are, sample by sample: 1 is the same, however loud. */
function trace(samples: Float32Array, original: Float32Array): number {
  let product = 0;
  let energy = 1e-9;
  for (const [n, sample] of samples.entries()) {
    product += sample * (original[n] ?? 0);
    energy += sample * sample;
  }
  const whole = original.reduce((sum, sample) => sum + sample * sample, 1e-9);
  return Math.abs(product) / Math.sqrt(energy * whole);
}

test.each(['left', 'right'] as const)(
  'a voice model hears the patient on the %s, and nothing of the receptionist',
  async (side) => {
    const { model, heard } = spy();
    const channels = side === 'left' ? [left, right] : [right, left];
    const { readings } = await listen({ channels, side, voice: model });
    expect(heard.length).toBeGreaterThanOrEqual(4);
    for (const window of heard) expect(window).toHaveLength(RATE);
    // Windows of a second stand where they were heard: every sample is the patient's own, or silence.
    const seconds = heard.map((window) => {
      const second = [...Array(11).keys()].find(
        (n) => trace(window, patient.subarray(n * RATE, (n + 1) * RATE)) > 0.9,
      );
      expect(second, 'a second of the patient').toBeDefined();
      const from = (second ?? 0) * RATE;
      expect(window.some((sample, n) => sample !== 0 && receptionist[from + n] !== 0)).toBe(false);
      return second;
    });
    // While the receptionist spoke alone it was not even asked.
    expect(seconds).not.toContain(5);
    expect(seconds).not.toContain(6);
    const said = readings.flatMap(({ voice }) => voice ?? []);
    // The answer to the last window comes when all is over.
    expect(said.length).toBeGreaterThanOrEqual(heard.length - 1);
    expect(new Set(said)).toEqual(new Set([VALENCE]));
  },
);

test('where both speak at once, the model hears silence', async () => {
  const { model, heard } = spy();
  const over = lay(
    [{ at: 1, voice: { name: 'en-us+f3' }, text: 'The doctor will call you in five minutes' }],
    4,
  );
  await listen({ channels: [mix([patient.subarray(0, 4 * RATE), 0], [over, -18]), over], voice: model });
  const asked = heard.flatMap((window) => [...window]).filter((sample) => sample !== 0).length / RATE;
  expect(asked).toBeLessThan(
    3 - say('The doctor will call you in five minutes', { name: 'en-us+f3' }).length / RATE + 0.5,
  );
});

test.each([
  ['one microphone', [mix([patient, 0], [receptionist, 0])], 'left'],
  ['two microphones that are nobody’s', [left, right], null],
] as const)('on %s the voice model is never asked', async (_, channels, side) => {
  const { model, heard } = spy();
  const { readings } = await listen({ channels, side, voice: model });
  expect(heard).toEqual([]);
  expect(readings.every(({ voice, receptionist: other }) => voice === null && other === null)).toBe(true);
  expect(readings.some(({ patient: { speech } }) => speech > 0.9)).toBe(true);
});

test('the voice of the receptionist is not measured, only when it speaks', async () => {
  const { readings } = await listen({});
  const other = readings.flatMap((reading) => reading.receptionist ?? []);
  expect(other).toHaveLength(44);
  expect(other.some(({ speech }) => speech === 1)).toBe(true);
  expect(other.every(({ pitch, effort, above }) => pitch === null && effort === null && !above)).toBe(true);
});

test('a model that fails is told of, and the readings go on', async () => {
  const broken = new Error('no idea');
  const { model } = spy(() => Promise.reject(broken));
  const { readings, fault } = await listen({ voice: model });
  expect(fault).toBe(broken);
  expect(readings).toHaveLength(44);
  expect(readings.every(({ voice }) => voice === null)).toBe(true);
});

test('phrases are looked for in both sides together, and told once, soon after', async () => {
  let samples = 0;
  let freed = 0;
  let loudest = 0;
  const phrases: PhraseFinder = {
    use,
    begin: () => ({
      hear(mixed) {
        const before = samples;
        samples += mixed.length;
        loudest = Math.max(loudest, ...mixed);
        return before < 5 * RATE && samples >= 5 * RATE ? ['greeting'] : [];
      },
      free: () => freed++,
    }),
  };
  const { readings } = await listen({ phrases });
  const told = readings.filter((reading) => reading.phrases.length > 0);
  expect(told.map((reading) => reading.phrases)).toEqual([['greeting']]);
  expect(Math.abs((told[0]?.from ?? 0) - 5)).toBeLessThan(1);
  expect(freed).toBe(1);
  // The right one speaks at its full level half: it is in the mix.
  expect(loudest).toBeGreaterThan(0.2);
});

test('models of the user’s own are loaded only where they are asked for, each with its licence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ca-voice-'));
  const inputs = '{ sampleRate: 16000, window: 1 }';
  writeFileSync(
    join(folder, 'voice.mjs'),
    `export default { id: 'mine', version: '2', licence: 'CC0-1.0', inputs: ${inputs}, score: () => (${JSON.stringify(VALENCE)}) };`,
  );
  try {
    const own = await loadSoundModels({ own: { voice: folder, speech: null, phrases: {} } });
    expect(models.models).toEqual([{ id: 'silero-vad', version: '6', licence: 'MIT' }]);
    expect(own.models).toEqual([...models.models, { id: 'mine', version: '2', licence: 'CC0-1.0' }]);
    const { readings } = await listen({ voice: own.voice });
    expect(readings.some(({ voice }) => voice !== null)).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('time goes on over what was not heard', () => {
  const options = { channels: 2, patient: 'left', usual: new ChannelUsual() } as const;
  const pipeline = new SoundPipeline(models, options);
  const samples = pcm(left.subarray(0, 3 * RATE), right.subarray(0, 3 * RATE));
  const before = [...pipeline.hear(samples), ...pipeline.skip(2.5)];
  const after = [...pipeline.hear(samples), ...pipeline.end()];
  expect(before.at(-1)?.to).toBeCloseTo(3, 6);
  expect(after[0]?.from).toBeCloseTo(5.5, 6);
  expect(after.at(-1)?.to).toBeCloseTo(8.5, 6);
  const starts = [before, after].map(
    (readings) => readings.flatMap(({ patient: p }) => p.spoken)[0]?.[0] ?? 0,
  );
  expect(Math.abs((starts[0] ?? 0) - 1)).toBeLessThan(0.1);
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeCloseTo(5.5, 6);
});

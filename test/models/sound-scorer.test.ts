import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { OwnSound } from '../../models/own/own-sound.ts';
import { SoundScorer } from '../../models/sound-scorer.ts';
import { lay, mix, pcm } from '../stand-ins/two-voices.ts';

const TEXT =
  'good morning, I have an appointment with the doctor at a quarter past nine, and I am a little late';

const running: { scorer: SoundScorer; clock: ManualClock }[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const { scorer, clock } of running) {
    const stopped = scorer.stop();
    // What hangs is ended by force.
    clock.advance(5_000);
    await stopped;
  }
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A scorer that is warm, on a clock that stands still, and the lines it logs. */
async function warm(own?: OwnSound) {
  const clock = new ManualClock();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
  const scorer = new SoundScorer({ clock, log, ...(own ? { own } : {}) });
  running.push({ scorer, clock });
  await scorer.start(new AbortController().signal);
  expect(scorer.health()).toMatchObject({ status: 'ok' });
  return { scorer, clock, lines };
}

/** As the microphone delivers it, one channel or two. */
const pcmOf = (...channels: Float32Array[]) => Buffer.from(pcm(...channels).buffer);

/** A folder with a voice model of the user's own, that does this when it hears a voice. */
function ownVoice(does: string): OwnSound {
  const folder = mkdtempSync(join(tmpdir(), 'own-voice-'));
  folders.push(folder);
  const module = `export default {
    id: 'trial-voice', version: '1', licence: 'CC0-1.0', inputs: { sampleRate: 16000, window: 1 },
    score(samples) {
      if (samples.some((sample) => sample > 0.05)) { ${does} }
      return { negative: 0, neutral: 1, positive: 0 };
    },
  };`;
  writeFileSync(join(folder, 'voice.mjs'), module);
  return { voice: folder, speech: null, phrases: {} };
}

/** Waits until the worker has answered all that waits, whatever the time on the clock under test. */
async function answered(clock: ManualClock) {
  while (clock.waiting().includes('answer of the sound worker')) await pause(2);
}

const speech = lay([{ at: 1, voice: {}, text: TEXT }], 8);
const silence = new Float32Array(speech.length);
const shared = await warm();

test('speech is found, and the model that found it is named with its licence', async () => {
  const { scorer, clock, lines } = shared;
  const session = scorer.begin('desk 1', null);
  const samples = pcmOf(speech);
  for (let at = 0; at < samples.length; at += 32_000) {
    session.hear(samples.subarray(at, at + 32_000));
    await answered(clock);
  }
  const { kind, models, thresholds, summary, bins } = session.scores();
  expect(kind).toBe('sound');
  expect(summary.heard).toBeGreaterThan(6.9);
  expect(summary.speech).toBeGreaterThan(0.5);
  expect(summary).toMatchObject({ dropped: 0, conversation: 'not available', phrases: null });
  expect(bins[0]?.speech).toBeLessThan(0.05);
  expect(bins[3]?.speech).toBeGreaterThan(0.8);
  expect(models).toEqual([expect.objectContaining({ licence: 'MIT' })]);
  expect(Object.keys(thresholds).length).toBeGreaterThan(3);
  session.end();
  expect(lines.filter(({ model }) => model)).toEqual([
    expect.objectContaining({ level: 'info', model: models[0]?.id, licence: 'MIT' }),
  ]);
  expect(scorer.cpu).toBeGreaterThan(0);
  const { detail } = scorer.health();
  expect(detail).toMatchObject({ heard: 8, dropped: 0, restarts: 0, fault: null });
  expect(detail?.models).toContain('(MIT)');
  expect(detail?.cpuMsPerSecond).toBeGreaterThan(1);
  await answered(clock);
  clock.advance(10_001);
  expect(scorer.cpu).toBe(0);
});

test('two microphones: each side is heard as itself', async () => {
  const { scorer, clock } = shared;
  const shares = [];
  for (const patient of ['left', 'right'] as const) {
    const session = scorer.begin('desk 2', patient);
    session.hear(pcmOf(speech, silence).subarray(0, 4 * 64_000));
    await answered(clock);
    const { conversation } = session.scores().summary;
    if (conversation === 'not available') throw new Error(conversation);
    shares.push([conversation.patient > 0.5, conversation.receptionist > 0.5]);
    session.end();
  }
  expect(shares).toEqual([
    [true, false],
    [false, true],
  ]);
});

test('what is usual on a microphone is learnt over all its sessions, and on no other', async () => {
  const { scorer, clock } = shared;
  async function raised(channel: string, sound: Float32Array) {
    const session = scorer.begin(channel, null);
    const samples = pcmOf(sound);
    for (let at = 0; at < samples.length; at += 64_000) {
      session.hear(samples.subarray(at, at + 64_000));
      await answered(clock);
    }
    const { summary } = session.scores();
    session.end();
    await answered(clock);
    return summary.raised;
  }
  const voice = { pitch: 80, filter: 'treble=g=8:f=1500,volume=8dB' };
  const loud = lay([{ at: 0.5, voice, text: TEXT }], 8);
  const calm = lay(
    [0, 7, 14].map((at) => ({ at, voice: {}, text: TEXT })),
    21,
  );
  expect(await raised('desk 4', mix([calm, -10]))).toBe(0);
  expect(await raised('desk 5', mix([loud, -10]))).toBe(0);
  expect(await raised('desk 4', mix([loud, -10]))).toBeGreaterThan(2);
});

test('of a flood the latest five seconds are heard, and the rest is counted, at every desk', async () => {
  const { scorer, clock } = shared;
  const before = scorer.health().detail;
  const sessions = [scorer.begin('desk 1', null), scorer.begin('desk 3', null)];
  const minute = Buffer.alloc(60 * 32_000);
  const busy = performance.eventLoopUtilization();
  for (const session of sessions) session.hear(minute);
  await answered(clock);
  expect(performance.eventLoopUtilization(busy).utilization, 'the house goes on').toBeLessThan(0.5);
  for (const session of sessions) {
    const { summary, bins } = session.scores();
    expect(summary.dropped).toBeGreaterThanOrEqual(54.5);
    expect(summary.heard).toBeGreaterThan(4);
    expect(bins).toHaveLength(60);
    session.end();
  }
  expect(Number(scorer.health().detail?.dropped) - Number(before?.dropped)).toBeGreaterThanOrEqual(109);
});

test('stopping leaves no timer, and can be done twice', async () => {
  const { scorer, clock } = shared;
  const session = scorer.begin('desk 1', null);
  session.hear(Buffer.alloc(64_000));
  await scorer.stop();
  await scorer.stop();
  expect(session.scores().summary.dropped).toBe(2);
  expect(clock.waiting()).toEqual([]);
});

test.each([
  ['hangs', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);', 10_000],
  ['ends its thread', 'process.exit(1);', 0],
])('a model of the user that %s takes nothing down: the session goes on', async (_what, does, ms) => {
  const { scorer, clock, lines } = await warm(ownVoice(does));
  expect(lines.find(({ model }) => model === 'trial-voice')).toMatchObject({ licence: 'CC0-1.0' });
  const session = scorer.begin('desk 1', 'left');
  session.hear(pcmOf(speech, silence).subarray(0, 4 * 64_000));
  await pause(300);
  clock.advance(ms);
  while (scorer.health().status !== 'failed') await pause(5);
  clock.advance(500);
  while (scorer.health().status !== 'ok') await pause(5);
  const lost = session.scores().summary.dropped;
  expect(lost).toBeGreaterThan(0.2);
  session.hear(pcmOf(silence, silence).subarray(0, 2 * 64_000));
  await answered(clock);
  const { summary, bins } = session.scores();
  expect(summary.dropped).toBe(lost);
  expect(summary.heard).toBeGreaterThan(1);
  const place = Math.floor((ms + 500) / 1_000);
  expect(bins.length, 'what comes has its time').toBeGreaterThanOrEqual(Math.max(place, 5));
  expect(scorer.health().detail?.restarts).toBe(1);
});

test('a model of the user that throws is told of once, and all else is heard', async () => {
  const { scorer, clock, lines } = await warm(ownVoice("throw new Error('out of tune');"));
  const session = scorer.begin('desk 1', 'left');
  session.hear(pcmOf(speech, silence).subarray(0, 5 * 64_000));
  await answered(clock);
  expect(scorer.health()).toMatchObject({
    status: 'ok',
    detail: { fault: expect.stringContaining('out of tune') },
  });
  expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  expect(session.scores().summary).toMatchObject({ voice: null });
  expect(session.scores().summary.speech).toBeGreaterThan(0.4);
});

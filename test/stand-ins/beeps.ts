import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** A beep on each wall-clock second; its pitch names the second modulo 16. */
export const BEEP_MS = 60;

/** Hz of the beep of a second (Unix epoch). */
export function beepPitch(second: number): number {
  return 600 + 100 * (((second % 16) + 16) % 16);
}

const STEP_MS = 20;
const LOUDNESS = 0.6 * 32_767;
const NOISE = 60;

/**
 * What a microphone beside the RTSP camera hears, in real time: S16LE mono PCM that beeps by the wall clock, until `end`.
 * What is older than `latest` ms after a stall is left out: to a sound card that plays it, all after it would stay late.
 */
export function beeps(end: AbortSignal, rate = 16_000, latest = 100): Readable {
  return Readable.from(inRealTime(end, rate, latest), { objectMode: false });
}

async function* inRealTime(end: AbortSignal, rate: number, latest: number): AsyncGenerator<Buffer> {
  const start = Date.now();
  let sample = 0;
  while (!end.aborted) {
    await sleep(STEP_MS);
    const until = Math.floor(((Date.now() - start) * rate) / 1000);
    if (until - sample > (latest * rate) / 1000) sample = until - Math.floor((STEP_MS * rate) / 1000);
    if (until > sample) yield sound(start, sample, until, rate);
    sample = until;
  }
}

function sound(start: number, from: number, until: number, rate: number): Buffer {
  const pcm = Buffer.alloc((until - from) * 2);
  for (let sample = from; sample < until; sample++) {
    const ms = start + (sample * 1000) / rate;
    const second = Math.floor(ms / 1000);
    const phase = ms - second * 1000;
    const tone = phase < BEEP_MS ? LOUDNESS * Math.sin((2 * Math.PI * beepPitch(second) * phase) / 1000) : 0;
    pcm.writeInt16LE(Math.round(tone + (Math.random() - 0.5) * NOISE), (sample - from) * 2);
  }
  return pcm;
}

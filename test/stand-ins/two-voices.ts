import { execFileSync } from 'node:child_process';

/** Samples a second. */
export const RATE = 16_000;

/** Something said: by whom, what, and from when on (seconds). */
export interface Utterance {
  readonly at: number;
  readonly voice: Partial<Voice>;
  readonly text: string;
}

interface Voice {
  /** A voice of espeak-ng; what it calls pitch and speed. */
  readonly name: string;
  readonly pitch: number;
  readonly speed: number;
  /** Filters of ffmpeg: what a person does who raises the voice, or somebody who turns up the microphone. */
  readonly filter: string;
}

const spoken = new Map<string, Float32Array>();

/** What espeak-ng says, −1 to 1, without the silence that it puts around. Said once, kept for the rest of the tests. */
export function say(text: string, voice: Partial<Voice> = {}): Float32Array {
  const { name = 'en-us', pitch = 50, speed = 150, filter = 'anull' } = voice;
  const key = JSON.stringify([text, name, pitch, speed, filter]);
  const known = spoken.get(key);
  if (known) return known;
  const wave = execFileSync('espeak-ng', ['-v', name, '-p', `${pitch}`, '-s', `${speed}`, '--stdout', text]);
  const output = ['-af', filter, '-ar', `${RATE}`, '-ac', '1', '-f', 's16le', '-'];
  const samples = samplesOf(ffmpeg(['-i', '-', ...output], wave));
  const [first, last] = [voiced(samples)[0], voiced(samples).at(-1)];
  if (!first || !last) throw new Error(`espeak-ng says nothing: ${text}`);
  const trimmed = samples.slice(first[0] * RATE, last[1] * RATE);
  spoken.set(key, trimmed);
  return trimmed;
}

/** What a source of ffmpeg's lavfi sounds like. */
export function sound(source: string): Float32Array {
  return samplesOf(ffmpeg(['-f', 'lavfi', '-i', source, '-ar', `${RATE}`, '-ac', '1', '-f', 's16le', '-']));
}

/** Utterances laid out over so many seconds; 0 where nobody speaks. */
export function lay(utterances: readonly Utterance[], seconds: number): Float32Array {
  const samples = new Float32Array(seconds * RATE);
  for (const { at, voice, text } of utterances) samples.set(say(text, voice), Math.round(at * RATE));
  return samples;
}

/** When there is a voice, by the samples themselves: within 35 dB of the loudest 10 ms, over pauses up to 0.2 s. */
export function voiced(samples: Float32Array): [from: number, to: number][] {
  const frame = RATE / 100;
  const energies = Array.from({ length: Math.floor(samples.length / frame) }, (_, n) =>
    samples.subarray(n * frame, (n + 1) * frame).reduce((sum, sample) => sum + sample * sample, 0),
  );
  const gate = Math.max(...energies) * 10 ** -3.5;
  const stretches: [from: number, to: number][] = [];
  for (const [n, energy] of energies.entries()) {
    const last = stretches.at(-1);
    if (energy <= gate) continue;
    if (last && n / 100 - last[1] < 0.2) last[1] = (n + 1) / 100;
    else stretches.push([n / 100, (n + 1) / 100]);
  }
  return stretches;
}

/** Several sounds at once, each so many dB louder. */
export function mix(...parts: readonly (readonly [samples: Float32Array, decibels: number])[]): Float32Array {
  const sum = new Float32Array(Math.max(...parts.map(([samples]) => samples.length)));
  for (const [samples, decibels] of parts)
    for (const [n, sample] of samples.entries()) sum[n] = (sum[n] ?? 0) + sample * 10 ** (decibels / 20);
  return sum;
}

/** What a room gives back of a sound, as loud as the sound: echoes that die away by 60 dB in so many seconds. */
export function reverberant(samples: Float32Array, dying: number): Float32Array {
  const sum = new Float32Array(samples.length);
  let energy = 0;
  // From 5 ms on, at uneven distances and of either sign, the same each time.
  for (let delay = 80, n = 1; delay < dying * RATE; delay += 40 + ((n * 29) % 31), n++) {
    const echo = 10 ** ((-3 * delay) / RATE / dying) * (n % 3 === 0 ? -1 : 1);
    energy += echo * echo;
    for (let at = delay; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + (samples[at - delay] ?? 0) * echo;
  }
  return sum.map((sample) => sample / Math.sqrt(energy));
}

/** Interleaved S16 samples of one or two channels. */
export function pcm(...channels: readonly Float32Array[]): Int16Array {
  const length = Math.max(...channels.map((samples) => samples.length));
  return Int16Array.from({ length: length * channels.length }, (_, n) => {
    const sample = channels[n % channels.length]?.[Math.floor(n / channels.length)] ?? 0;
    return Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768)));
  });
}

function ffmpeg(args: readonly string[], input?: Buffer): Buffer {
  return execFileSync('ffmpeg', ['-v', 'error', ...args], { input: input ?? '', maxBuffer: 1 << 28 });
}

function samplesOf(bytes: Buffer): Float32Array {
  const samples = new Float32Array(bytes.length / 2);
  for (let n = 0; n < samples.length; n++) samples[n] = bytes.readInt16LE(2 * n) / 32_768;
  return samples;
}

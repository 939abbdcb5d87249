import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beepPitch } from './beeps.ts';

const run = promisify(execFile);

const BITS = 40;
const RATE = 16_000;
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/** What a clip of the RTSP camera and the beeping microphone shows when it is played. Times in ms, wall clock from the epoch. */
export interface ClipTimes {
  frames: number;
  /** When the first and the last frame were taken; null without pictures. */
  first: number | null;
  last: number | null;
  /** Longest step from one frame to the next, by the camera's clock. */
  longestStep: number;
  /** Frames whose barcode is not plainly black and white. */
  unreadable: number;
  /** Length of the sound. */
  sound: number;
  /** The beeps heard: where in the clip, and which second modulo 16 their pitch names. */
  beeps: { at: number; names: number }[];
  /** Sound against picture, positive when the sound is late; null without both. */
  lag: { median: number; min: number; max: number } | null;
}

/** Plays a clip and reads the times of its frames and beeps. */
export async function clipTimes(file: string): Promise<ClipTimes> {
  const [shown, pictures, pcm] = await Promise.all([presentationTimes(file), barcodes(file), samples(file)]);
  const frames = readBarcodes(pictures);
  if (shown.length !== frames.length)
    throw new Error(`${file}: ${shown.length} timestamps for ${frames.length} frames`);
  const taken = frames.map((frame) => frame.wall);
  const beeps = findBeeps(pcm);
  // Wall time of the clip's zero, by the pictures.
  const zero = frames.length === 0 ? null : mean(taken.map((wall, n) => wall - (shown[n] ?? 0)));
  return {
    frames: frames.length,
    first: taken[0] ?? null,
    last: taken.at(-1) ?? null,
    longestStep: Math.max(0, ...taken.slice(1).map((wall, n) => wall - (taken[n] ?? wall))),
    unreadable: frames.filter((frame) => !frame.plain).length,
    sound: (pcm.length * 1000) / RATE,
    beeps,
    lag: zero === null || beeps.length === 0 ? null : lag(beeps, zero),
  };
}

async function presentationTimes(file: string): Promise<number[]> {
  const entries = ['-show_entries', 'frame=best_effort_timestamp_time', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', ...entries, file], {
    maxBuffer: OUTPUT_LIMIT,
  });
  const { frames } = JSON.parse(stdout) as { frames: { best_effort_timestamp_time: string }[] };
  return frames.map((frame) => Number(frame.best_effort_timestamp_time) * 1000);
}

/** The barcode of each frame as 40 grey bytes. The `?` lets a clip without that kind of stream give nothing. */
async function barcodes(file: string): Promise<Buffer> {
  const strip = ['-vf', `crop=iw:32:0:0,scale=${BITS}:1:flags=area`, '-fps_mode', 'passthrough'];
  return decoded(file, ['-map', '0:v?', ...strip, '-pix_fmt', 'gray', '-f', 'rawvideo']);
}

/** The sound from the clip's zero on, holes filled with silence: a sample's place is its time. */
async function samples(file: string): Promise<Int16Array> {
  const placed = ['-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', `${RATE}`];
  const pcm = await decoded(file, ['-map', '0:a?', ...placed, '-f', 's16le']);
  return new Int16Array(pcm.buffer, pcm.byteOffset, pcm.length / 2);
}

async function decoded(file: string, output: string[]): Promise<Buffer> {
  const { stdout: kinds } = await run('ffprobe', [
    ...['-v', 'error', '-show_entries', 'stream=codec_type', '-of', 'csv=p=0'],
    file,
  ]);
  if (!kinds.includes(output[1] === '0:v?' ? 'video' : 'audio')) return Buffer.alloc(0);
  // Without -copyts ffmpeg would move the earlier of the two streams to zero.
  const input = ['-v', 'error', '-nostdin', '-copyts', '-i', file];
  const { stdout } = await run('ffmpeg', [...input, ...output, 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: OUTPUT_LIMIT,
  });
  return stdout;
}

function readBarcodes(pictures: Buffer): { wall: number; plain: boolean }[] {
  // 40 bits turn over every 35 years: the rest of the time is today's.
  const span = 2 ** BITS;
  const epoch = Math.floor(Date.now() / span) * span;
  return Array.from({ length: pictures.length / BITS }, (_, n) => {
    const bars = pictures.subarray(n * BITS, (n + 1) * BITS);
    return {
      wall: epoch + bars.reduce((value, bar) => value * 2 + (bar > 125 ? 1 : 0), 0),
      plain: bars.every((bar) => bar < 70 || bar > 180),
    };
  });
}

/** Mean magnitude of samples that are more than noise. */
const LOUD = 1500;

function loud(pcm: Int16Array): boolean {
  return pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length >= LOUD;
}

function findBeeps(pcm: Int16Array): { at: number; names: number }[] {
  const window = 32;
  const quiet = RATE * 0.4;
  const found: { at: number; names: number }[] = [];
  let loudUntil = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let n = 0; n < pcm.length; n++) {
    sum += Math.abs(pcm[n] ?? 0) - Math.abs(pcm[n - window] ?? 0);
    if (sum / window < LOUD) continue;
    const begins = n - window / 2;
    // A beep cut by the clip's start has no onset, one cut by its end, or by a microphone pulled out in it, no pitch.
    const tone = pcm.subarray(begins + 80, begins + 720);
    if (n - loudUntil > quiet && begins > window && tone.length === 640 && loud(tone.subarray(-160)))
      found.push({ at: (begins * 1000) / RATE, names: pitchIn(tone) });
    loudUntil = n;
  }
  return found;
}

/** Goertzel's filter at each of the 16 pitches; the strongest names the second. */
function pitchIn(tone: Int16Array): number {
  const power = Array.from({ length: 16 }, (_, second) => {
    const coefficient = 2 * Math.cos((2 * Math.PI * beepPitch(second)) / RATE);
    let [s1, s2] = [0, 0];
    for (const sample of tone) [s1, s2] = [sample + coefficient * s1 - s2, s1];
    return s1 * s1 + s2 * s2 - coefficient * s1 * s2;
  });
  return power.indexOf(Math.max(...power));
}

/** The middle one: a single beep that the busy machine held up moves a mean. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function lag(beeps: { at: number; names: number }[], zero: number): ClipTimes['lag'] {
  const errors = beeps.map(({ at, names }) => {
    const heard = (zero + at) / 1000;
    // The nearest second of that name; further than 8 s off cannot be told.
    const second = Math.round((heard - names) / 16) * 16 + names;
    return (heard - second) * 1000;
  });
  return { median: median(errors), min: Math.min(...errors), max: Math.max(...errors) };
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

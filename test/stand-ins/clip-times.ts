import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beepPitch } from './beeps.ts';

const run = promisify(execFile);

const BITS = 40;
const RATE = 16_000;
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/** What a clip of the RTSP camera and the beeping microphone holds. Times in ms, wall clock from the epoch. */
export interface ClipTimes {
  /** All that can be decoded, those too that an edit list keeps from being shown. */
  frames: number;
  /** How many packets of either kind are in the file but behind an edit list. */
  hidden: number;
  /** What the decoders complain of. */
  complaints: string[];
  /** From the clip's zero to where the last of its packets ends. */
  length: number;
  /** When each frame was taken. */
  taken: number[];
  /** Where in the clip each frame is shown. */
  shown: number[];
  /** The first and the last of these; null without pictures. */
  first: number | null;
  last: number | null;
  /** When the clip's zero was, by its pictures; null without pictures. */
  zero: number | null;
  /** By how much later than the others the first and the last frame came out of the camera. */
  firstLate: number;
  lastLate: number;
  /** Longest step from one frame to the next, by the camera's clock. */
  longestStep: number;
  /** Frames whose barcode is not plainly black and white. */
  unreadable: number;
  /** From the clip's zero to the beginning of its sound, and to its end. */
  soundFrom: number;
  sound: number;
  /** The beeps heard: where in the clip, which second modulo 16 their pitch names, and how late against the pictures; null where there are none. */
  beeps: { at: number; names: number; lag: number | null }[];
  /** Sound against picture, positive when the sound is late; null without both. */
  lag: { median: number; min: number; max: number } | null;
}

/** Pictures this near to a beep (ms) tell when it was: after a gap they may lie elsewhere. */
const NEAR = 2_000;

/** `clipTimes` in a process of its own that gives way to others: whoever records meanwhile is not held up. */
export async function clipTimesApart(file: string): Promise<ClipTimes> {
  const { stdout } = await run('nice', [process.execPath, import.meta.filename, file], {
    maxBuffer: OUTPUT_LIMIT,
  });
  return JSON.parse(stdout) as ClipTimes;
}

/** Plays a clip and reads the times of its frames and beeps. */
export async function clipTimes(file: string): Promise<ClipTimes> {
  const [packets, all] = await Promise.all([packetsOf(file), packetsOf(file, '-ignore_editlist', '1')]);
  const has = (kind: string) => all.some((packet) => packet.kind === kind);
  const [pictures, sound] = await Promise.all([
    has('video') ? barcodes(file) : NOTHING,
    has('audio') ? samples(file) : NOTHING,
  ]);
  const played = packets.filter((packet) => !packet.discarded);
  const frames = readBarcodes(pictures.bytes);
  const inFile = all.filter(({ kind }) => kind === 'video').length;
  if (inFile !== frames.length)
    throw new Error(`${file}: ${frames.length} of ${inFile} frames can be decoded`);
  const sounds = played.filter(({ kind }) => kind === 'audio').map(({ at }) => at);
  const shown = played.filter(({ kind }) => kind === 'video').map(({ at }) => at);
  const taken = frames.map((frame) => frame.wall);
  // What is hidden lies before what is shown. Wall time of the clip's zero, by each picture.
  const zeros = shown.map((at, n) => ({
    at,
    zero: (taken[n + taken.length - shown.length] ?? Number.NaN) - at,
  }));
  const zero = zeros.length === 0 ? 0 : median(zeros.map((picture) => picture.zero));
  const pcm = new Int16Array(sound.bytes.buffer, sound.bytes.byteOffset, sound.bytes.length / 2);
  const beeps = findBeeps(pcm).map((beep) => ({ ...beep, lag: lagOf(beep, zeros) }));
  const lags = beeps.map(({ lag }) => lag).filter((lag) => lag !== null);
  return {
    frames: frames.length,
    hidden: all.length - played.length,
    complaints: [...pictures.complaints, ...sound.complaints],
    taken,
    shown,
    length: Math.max(...played.map(({ at, lasts }) => at + lasts)),
    first: taken[0] ?? null,
    last: taken.at(-1) ?? null,
    zero: zeros.length === 0 ? null : zero,
    firstLate: zero - (zeros.at(0)?.zero ?? zero),
    lastLate: zero - (zeros.at(-1)?.zero ?? zero),
    longestStep: Math.max(0, ...taken.slice(1).map((wall, n) => wall - (taken[n] ?? wall))),
    unreadable: frames.filter((frame) => !frame.plain).length,
    soundFrom: sounds[0] ?? 0,
    sound: (pcm.length * 1000) / RATE,
    beeps,
    lag: lags.length === 0 ? null : { median: median(lags), min: Math.min(...lags), max: Math.max(...lags) },
  };
}

/** When (ms of the clip) each packet is played, and whether an edit list says that it is not. */
async function packetsOf(file: string, ...options: string[]) {
  const entries = ['-show_entries', 'packet=codec_type,pts_time,duration_time,flags', '-of', 'json'];
  const { stdout } = await run('ffprobe', ['-v', 'error', ...options, ...entries, file], {
    maxBuffer: OUTPUT_LIMIT,
  });
  const { packets } = JSON.parse(stdout) as {
    packets: { codec_type: string; pts_time: string; duration_time?: string; flags: string }[];
  };
  return packets.map((packet) => ({
    kind: packet.codec_type,
    at: Number(packet.pts_time) * 1000,
    // Of the first packet ffprobe does not tell it.
    lasts: Number(packet.duration_time ?? 0) * 1000,
    discarded: packet.flags.includes('D'),
  }));
}

/** What a decoder gives, and what it complains of. */
interface Decoded {
  readonly bytes: Buffer;
  readonly complaints: readonly string[];
}
const NOTHING: Decoded = { bytes: Buffer.alloc(0), complaints: [] };

/** The barcode of each frame as 40 grey bytes, of those too that an edit list hides. */
async function barcodes(file: string): Promise<Decoded> {
  const strip = ['-vf', `crop=iw:32:0:0,scale=${BITS}:1:flags=area`, '-fps_mode', 'passthrough'];
  return decoded([
    '-ignore_editlist',
    '1',
    '-i',
    file,
    '-map',
    '0:v',
    ...strip,
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
  ]);
}

/** The sound from the clip's zero on, holes filled with silence: a sample's place is its time. */
async function samples(file: string): Promise<Decoded> {
  const placed = ['-af', 'aresample=async=1:first_pts=0', '-ac', '1', '-ar', `${RATE}`];
  return decoded(['-i', file, '-map', '0:a', ...placed, '-f', 's16le']);
}

async function decoded(args: string[]): Promise<Decoded> {
  // Without -copyts ffmpeg would move the earlier of the two streams to zero.
  const { stdout: bytes, stderr } = await run(
    'ffmpeg',
    ['-v', 'repeat+error', '-nostdin', '-copyts', ...args, 'pipe:1'],
    { encoding: 'buffer', maxBuffer: OUTPUT_LIMIT },
  );
  const lines = stderr.toString().split('\n');
  // Of frames that come close after one another, which no raw video can tell apart.
  return { bytes, complaints: lines.filter((line) => line !== '' && !line.startsWith('[rawvideo')) };
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

/** How late (ms) a beep comes against the pictures around it, by which the clip's zero was at `zeros`. */
function lagOf(
  { at, names }: { at: number; names: number },
  zeros: { at: number; zero: number }[],
): number | null {
  const near = zeros.filter((picture) => Math.abs(picture.at - at) < NEAR).map(({ zero }) => zero);
  if (near.length === 0) return null;
  return lateBy(median(near) + at, names);
}

/** How long (ms) after its second a beep was heard, wall clock. Further than 8 s off cannot be told. */
function lateBy(heard: number, names: number): number {
  const second = Math.round((heard / 1000 - names) / 16) * 16 + names;
  return heard - second * 1000;
}

/** When the zero of a clip was (wall clock), by its beeps; `near` tells it to some seconds. */
export function zeroByBeeps(beeps: readonly { at: number; names: number }[], near: number): number {
  return near - median(beeps.map(({ at, names }) => lateBy(near + at, names)));
}

/** How many beeps are missing between the first and the last that can be heard. */
export function missingBeeps(beeps: readonly { names: number }[]): number {
  return beeps.slice(1).reduce((sum, { names }, n) => sum + ((names - (beeps[n]?.names ?? 0) + 15) % 16), 0);
}

if (import.meta.main) console.log(JSON.stringify(await clipTimes(process.argv[2] ?? '')));

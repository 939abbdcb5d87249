import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boxesIn, find } from '../../device/recording/mp4-boxes.ts';
import { indexOf } from '../../device/recording/ts-index.ts';
import {
  CAMERA,
  clipOf,
  decoded,
  MICROPHONE,
  run,
  segmentsOf,
  timesIn,
  timesOfSegments,
} from './segments.ts';

/** Out of the ring's segments, through trimming, ffmpeg and the head, into a file. Seconds. */
let folder: string;
/** Pictures and sound from 100 on, for 20 s. */
let both: Buffer[];
/** Sound alone from 104.2 on, for five minutes; smaller pictures and sound from 404.3 on, for 4 s. */
let alone: Buffer[];
let back: Buffer[];
let clip: string;

beforeAll(async () => {
  folder = await mkdtemp('/dev/shm/ca-muxer-');
  clip = join(folder, 'clip.mp4');
  both = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 100, seconds: 20 });
  alone = await segmentsOf(folder, { audio: MICROPHONE, at: 104.2, seconds: 300 });
  const small = ['libx264', '-preset', 'ultrafast', '-g', '15', '-vf', 'scale=320:240'];
  back = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 404.3, seconds: 4, encode: small });
});
afterAll(() => rm(folder, { recursive: true }));

const FRAME = 1 / 15;
const AAC_FRAME = 1024 / 16_000;
/** A tick of the sound's clock, which stamps are rounded to. */
const ROUNDED = 1 / 16_000;

const keysOf = (segments: readonly Buffer[]) => segments.flatMap((bytes) => indexOf(bytes).video?.keys ?? []);
const between = (times: readonly number[], from: number, to: number) =>
  times.filter((time) => time >= from && time < to);

/** That `actual` are the moments `expected`, counted from `zero`. */
function expectMoments(actual: readonly number[], expected: readonly number[], zero: number): void {
  expect(actual.length).toBe(expected.length);
  const off = actual.map((time, n) => Math.abs(time + zero - (expected[n] ?? Number.NaN)));
  expect(Math.max(0, ...off)).toBeLessThan(2 * ROUNDED);
}

/** That the clip holds the pictures and the sound of [from, to), each at its moment, and that all of it can be decoded. */
async function expectWhole(segments: readonly Buffer[], from: number, to: number): Promise<void> {
  const [was, is] = [await timesOfSegments(folder, segments), await timesIn(clip)];
  expectMoments(is.video, between(was.video, from - 1e-4, to), from);
  expectMoments(is.audio, between(was.audio, from - 1e-4, to), from);
  expect(await decoded(clip)).toBe(is.video.length);
}

it('holds all pictures and all sound of the contact, to the tick, and nothing else', async () => {
  const from = keysOf(both)[4] ?? 0;
  const to = from + 9.55;
  await clipOf(both, from, to, clip);
  await expectWhole(both, from, to);
  const { video, audio } = await timesIn(clip);
  expect(video[0]).toBe(0);
  expect(9.55 - (video.at(-1) ?? 0)).toBeLessThan(FRAME);
  expect(audio[0]).toBeLessThan(AAC_FRAME);
  expect(9.55 - (audio.at(-1) ?? 0)).toBeLessThan(AAC_FRAME);
  expect(
    Number(await run('ffprobe', '-show_entries', 'format=duration', '-of', 'csv=p=0', clip)),
  ).toBeCloseTo(9.55, 1);
});

it('leaves nothing of what was before or after in the file', async () => {
  const from = keysOf(both)[4] ?? 0;
  await clipOf(both, from, from + 3, clip);
  const trimmed = (await stat(clip)).size - 65_536;
  const samples = async (...input: string[]) => {
    const sizes = await run('ffprobe', '-show_entries', 'packet=size', '-of', 'csv=p=0', ...input);
    return sizes.split('\n').reduce((sum, size) => sum + (Number.parseInt(size, 10) || 0), 0);
  };
  // What is no sample are moofs: 8 bytes of a sample, and less than 300 of a fragment.
  expect(trimmed - (await samples(clip))).toBeLessThan(4 * 300 + 93 * 8);
});

it('keeps pictures and sound to each other as a plain copy does', async () => {
  const whole = join(folder, 'whole.ts');
  const plain = join(folder, 'plain.mp4');
  for (const encode of [undefined, ['libx264', '-preset', 'veryfast', '-bf', '3', '-g', '15']]) {
    const segments = await segmentsOf(folder, {
      ...{ video: CAMERA, audio: MICROPHONE, at: 100, seconds: 6 },
      ...(encode ? { encode } : {}),
    });
    await writeFile(whole, Buffer.concat(segments));
    await run('ffmpeg', '-y', '-copyts', '-i', whole, '-c', 'copy', '-movflags', '+faststart', plain);
    const from = indexOf(segments[0] as Buffer).video?.keys[0] ?? 0;
    await clipOf(segments, from, 1000, clip);
    const [was, is] = [await timesIn(plain), await timesIn(clip)];
    expect(is.video.length).toBe(was.video.length);
    const lag = ({ video, audio }: typeof was) => (audio.at(-1) ?? 0) - (video.at(-1) ?? 0);
    // An MP4's edit list counts milliseconds.
    expect(Math.abs(lag(is) - lag(was))).toBeLessThan(0.0011);
    expect(await decoded(clip)).toBe(is.video.length);
  }
});

it('goes on when pictures come to a clip that began as sound, as late as they like', async () => {
  const segments = [...alone, ...back];
  const fragments = await clipOf(segments, 105, 407, clip);
  await expectWhole(segments, 105, 407);
  const { video } = await timesIn(clip);
  expect(video[0]).toBeCloseTo((keysOf(back)[0] ?? 0) - 105, 4);
  expect(fragments.length).toBeGreaterThan(290);
  const numbers = await run('ffprobe', '-show_entries', 'stream=codec_name,id', '-of', 'csv=p=0', clip);
  expect(numbers.trim().split('\n')).toEqual(['h264,0x1', 'aac,0x2']);
  // The order of fragments (ISO/IEC 14496-12, 8.8.5), through both ffmpegs.
  const moofs = [...boxesIn(await readFile(clip))].filter(({ type }) => type === 'moof');
  expect(moofs.map(({ body }) => find(body, ['mfhd'])?.readUInt32BE(4))).toEqual(
    fragments.map((_, n) => n + 1),
  );
});

it('takes a segment in which the sound has waited long for the first picture', async () => {
  const video = ['-itsoffset', '11', ...CAMERA];
  const segments = await segmentsOf(folder, { video, audio: MICROPHONE, at: 100, seconds: 15 });
  expect(indexOf(segments[0] ?? Buffer.alloc(0)).video?.first).toBeGreaterThan(110);
  await clipOf(segments, 101, 114, clip);
  await expectWhole(segments, 101, 114);
});

it('goes on when the camera is away for long, with other pictures when it is back', async () => {
  const segments = [...both.slice(0, 2), ...alone, ...back];
  const from = keysOf(both)[1] ?? 0;
  const fragments = await clipOf(segments, from, 407, clip);
  await expectWhole(segments, from, 407);
  // Each can be entered, and none lasts through the gap: at most twenty seconds and a piece of sound.
  const tracks = fragments.flatMap((fragment) => fragment.tracks);
  expect(tracks.filter(({ key }) => !key)).toEqual([]);
  const seconds = tracks.map(({ id, duration }) => duration / (id === 1 ? 90_000 : 16_000));
  expect(Math.max(...seconds)).toBeLessThan(20 + 2 * AAC_FRAME);
});

it('ends fragments also where key pictures are rare', async () => {
  const rare = ['-f', 'lavfi', '-i', 'testsrc2=s=160x120:r=30'];
  const encode = ['libx264', '-preset', 'ultrafast', '-g', '100000', '-pix_fmt', 'yuv420p', '-bf', '0'];
  const segments = await segmentsOf(folder, {
    video: rare,
    audio: MICROPHONE,
    at: 100,
    seconds: 130,
    encode,
  });
  const [from = 0, ...more] = keysOf(segments);
  expect(more).toEqual([]);
  const fragments = await clipOf(segments, from, 300, clip);
  await expectWhole(segments, from, 300);
  const lengths = fragments.flatMap(({ tracks }) =>
    tracks.map(({ id, duration }) => (id === 1 ? duration : 0)),
  );
  expect(Math.max(...lengths) / 90_000).toBeLessThan(20.1);
});

it('goes on when capture began again, a moment later', async () => {
  const again = await segmentsOf(folder, { video: CAMERA, audio: MICROPHONE, at: 107.3, seconds: 4 });
  const segments = [...both.slice(0, 2), ...again];
  const from = keysOf(both)[1] ?? 0;
  await clipOf(segments, from, 110, clip);
  await expectWhole(segments, from, 110);
});

it('keeps the pictures of a clip that ends with sound alone, after neither was captured for a while', async () => {
  const segments = [...both.slice(0, 2), ...alone.slice(5, 8)];
  const from = keysOf(both)[1] ?? 0;
  await clipOf(segments, from, 119, clip);
  await expectWhole(segments, from, 119);
  expect((await timesIn(clip)).video.length).toBe(45);
});

it('makes clips of pictures alone and of sound alone', async () => {
  const seen = await segmentsOf(folder, { video: CAMERA, at: 50, seconds: 6 });
  const from = keysOf(seen)[1] ?? 0;
  await clipOf(seen, from, from + 3.01, clip);
  await expectWhole(seen, from, from + 3.01);
  expect((await timesIn(clip)).video.length).toBe(46);

  const heard = await segmentsOf(folder, { audio: MICROPHONE, at: 50, seconds: 6 });
  const fragments = await clipOf(heard, 51.5, 55, clip);
  await expectWhole(heard, 51.5, 55);
  expect((await timesIn(clip)).audio.length).toBe(Math.round(3.5 / AAC_FRAME));
  expect(fragments.length).toBe(4);
});

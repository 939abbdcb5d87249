import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodePicture, decodePictures, decodeSound } from '../device/score/decoding.ts';
import { probe } from '../device/score/media-probe.ts';
import { openRecording } from '../device/score/media-program.ts';
import type { Picture } from '../models/picture.ts';

/** Recordings as ffmpeg and ffprobe really read them. */

let folder: string;
const ffmpeg = (...args: string[]) => execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { cwd: folder });
const colour = (what: string, ...args: string[]) => ffmpeg('-f', 'lavfi', '-i', `color=${what}`, ...args);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-decoding-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function reading<T>(
  name: string,
  read: (file: Awaited<ReturnType<typeof openRecording>>) => Promise<T>,
) {
  const file = await openRecording(join(folder, name));
  try {
    return await read(file);
  } finally {
    await file.close();
  }
}

async function all<T>(given: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of given) values.push(value);
  return values;
}

const pictures = (name: string) => reading(name, (file) => all(decodePictures(file)));
const times = async (name: string) => (await pictures(name)).map(({ at }) => at);

async function samples(name: string, channels: 1 | 2): Promise<number[]> {
  const parts = await reading(name, (file) => all(decodeSound(file, channels)));
  return parts.flatMap((part) => [...part]);
}

/** Red of a pixel. */
const red = ({ rgb, width }: Picture, x: number, y: number) => rgb[(y * width + x) * 3] ?? -1;

test('at most five pictures a second, with their true times: none is repeated where the video has fewer', async () => {
  colour('red:s=64x48:r=25:d=1', 'fast.mkv');
  colour('red:s=64x48:r=2:d=2', 'slow.mkv');
  expect(await times('fast.mkv')).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  expect(await times('slow.mkv')).toEqual([0, 0.5, 1, 1.5]);
  // The pictures begin 0.6 s after the sound.
  const late = [
    '-itsoffset',
    '0.6',
    '-i',
    'slow.mkv',
    '-map',
    '0',
    '-map',
    '1',
    '-c:v',
    'copy',
    '-c:a',
    'pcm_s16le',
  ];
  ffmpeg('-f', 'lavfi', '-i', 'anullsrc=r=16000:cl=mono:d=2', ...late, 'late.mkv');
  expect(await times('late.mkv')).toEqual([0.6, 1.1, 1.6, 2.1]);
});

test('a wide video stands between black bars, as in the frames of the recorder', async () => {
  colour('red:s=320x180:r=5:d=0.4', 'wide.mkv');
  const [{ picture } = { picture: null }] = await pictures('wide.mkv');
  if (!picture) throw new Error('no picture');
  expect([picture.width, picture.height, picture.rgb.length]).toEqual([640, 480, 640 * 480 * 3]);
  expect([0, 58, 62, 417, 421, 479].map((y) => red(picture, 320, y) > 200)).toEqual([
    false,
    false,
    true,
    true,
    false,
    false,
  ]);
});

test('a picture keeps its size, a large one is shrunk, and one that was taken upright stands upright', async () => {
  colour('red:s=300x200', '-frames:v', '1', 'small.jpg');
  colour('red:s=3000x1500', '-frames:v', '1', 'large.png');
  // Exif 2.3, 4.6.4: Orientation 6, the camera was held upright.
  const orientation = '0112 0003 00000001 00060000'.replaceAll(' ', '');
  const tiff = Buffer.from(`4d4d002a000000080001${orientation}00000000`, 'hex');
  const exif = Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
  const jpeg = readFileSync(join(folder, 'small.jpg'));
  const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
  writeFileSync(
    join(folder, 'upright.jpg'),
    Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)]),
  );
  const size = async (name: string) => {
    const { width, height, rgb } = await reading(name, decodePicture);
    expect(rgb.length).toBe(width * height * 3);
    return [width, height];
  };
  expect(await size('small.jpg')).toEqual([300, 200]);
  expect(await size('large.png')).toEqual([1280, 640]);
  expect(await size('upright.jpg')).toEqual([200, 300]);
});

test('sound comes at 16 kHz, each channel in its place or both mixed, and silence where it is late', async () => {
  const sides = 'aevalsrc=0.5|0.25:s=48000:d=0.5';
  ffmpeg('-f', 'lavfi', '-i', sides, '-c:a', 'pcm_s16le', 'sides.wav');
  const two = await samples('sides.wav', 2);
  expect(two).toHaveLength(16_000);
  expect([two[8_000], two[8_001]]).toEqual([expect.closeTo(16_384, -1.5), expect.closeTo(8_192, -1.5)]);
  const one = await samples('sides.wav', 1);
  expect(one).toHaveLength(8_000);
  expect(one[4_000]).toBeCloseTo(12_288, -1.5);
  const late = ['-itsoffset', '0.5', '-i', 'sides.wav', '-map', '0', '-map', '1', '-c:a', 'pcm_s16le'];
  colour('red:s=64x48:r=5:d=1', ...late, 'late.mkv');
  const heard = await samples('late.mkv', 1);
  expect(heard.length).toBeCloseTo(16_000, -2);
  expect([heard[4_000], heard[12_000]]).toEqual([0, expect.closeTo(12_288, -1.5)]);
});

test('the kind is told by the content, whatever a file is called', async () => {
  colour('red:s=64x48', '-frames:v', '1', '-f', 'image2pipe', '-c:v', 'png', 'photo.mp4');
  colour('red:s=64x48:r=5:d=1', 'film.gif');
  expect(await reading('photo.mp4', probe)).toEqual({ kind: 'picture' });
  expect(await reading('film.gif', probe)).toMatchObject({ kind: 'video', channels: 0 });
});

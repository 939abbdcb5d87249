import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { createLog } from '../../device/log.ts';
import { Capture } from '../../device/recording/capture.ts';
import { captureArgs } from '../../device/recording/ffmpeg-args.ts';
import { openCamera } from '../../drivers/open.ts';
import type { CameraInput, CameraSource } from '../../drivers/types.ts';
import { clipTimes } from '../stand-ins/clip-times.ts';
import { startRtspCamera } from '../stand-ins/rtsp-camera.ts';

/** Each kind of camera that runs without its hardware, read by the real ffmpeg with the driver's arguments. */

const run = promisify(execFile);
const FPS = 15;
const latency = 0;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cameras-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Wall-clock seconds at which ffmpeg stamped each picture, capturing as the recorder does for so many seconds. */
async function capture({ args, feed }: CameraSource, seconds = 4): Promise<number[]> {
  const feeding = feed && spawn(feed[0], feed.slice(1), { stdio: ['ignore', 'pipe', 'ignore'] });
  const output = ['-map', '0:v:0', '-c', 'copy', '-f', 'framecrc', 'pipe:1'];
  const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-copyts', ...args, ...output], {
    stdio: ['ignore', 'pipe', 'inherit', 'ignore', feeding ? feeding.stdout : 'ignore'],
  });
  let text = '';
  ffmpeg.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  const timer = setTimeout(() => ffmpeg.kill('SIGINT'), seconds * 1_000);
  await once(ffmpeg, 'close');
  clearTimeout(timer);
  feeding?.kill('SIGKILL');
  const [, numerator, denominator] = /#tb 0: (\d+)\/(\d+)/.exec(text) ?? [];
  const ticks = text.split('\n').filter((line) => /^0,/.test(line));
  return ticks.map((line) => (Number(line.split(',')[1]) * Number(numerator)) / Number(denominator));
}

/** Fails unless the pictures came steadily, in real time, and were stamped with the time of day. */
function expectLive(stamps: number[], startedAt: number): void {
  // The first picture of an RTSP camera has no stamp yet: the recorder drops it.
  const live = stamps.slice(1);
  expect(live[0]).toBeGreaterThan(startedAt);
  expect(live[0]).toBeLessThan(startedAt + 2.5);
  expect(live.at(-1)).toBeLessThan(Date.now() / 1_000);
  const span = (live.at(-1) ?? 0) - (live[0] ?? 0);
  expect(span).toBeGreaterThan(2);
  expect(live.length / span).toBeGreaterThan(FPS * 0.8);
  expect(live.length / span).toBeLessThan(FPS * 1.15);
}

const now = () => Date.now() / 1_000;

function secretless(): never {
  throw new Error('no secret is needed');
}

async function video(name: string, ...codec: string[]): Promise<string> {
  const path = join(folder, name);
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=320x240:rate=${FPS}`, '-t', '1'];
  await run('ffmpeg', ['-v', 'error', '-nostdin', ...picture, ...codec, '-pix_fmt', 'yuv420p', path]);
  return path;
}

test('a file plays in real time, again and again', async () => {
  const path = await video('good.mp4', '-c:v', 'libx264', '-bf', '0', '-g', '15');
  const startedAt = now();
  expectLive(await capture(openCamera({ driver: 'file', path, latency }, secretless)), startedAt);
});

test('a file that cannot play a camera is refused with the way to convert it', async () => {
  const frames = await video('b-frames.mp4', '-c:v', 'libx264', '-bf', '2');
  const mpeg4 = await video('mpeg4.mp4', '-c:v', 'mpeg4');
  const open = (path: string) => () => openCamera({ driver: 'file', path, latency }, secretless);
  expect(open(frames)).toThrow(
    expect.objectContaining({
      code: 'CA_CONFIG_INVALID',
      message: expect.stringContaining('H.264 with B-frames'),
      remedy: expect.stringContaining(`ffmpeg -i ${frames}`),
    }),
  );
  expect(open(mpeg4)).toThrow(/mpeg4 video/);
  const text = join(folder, 'text.mp4');
  await writeFile(text, 'this is no video');
  expect(open(text)).toThrow(/Cannot read the camera file/);
  expect(open(join(folder, 'none.mp4'))).toThrow(/none\.mp4: No such file/);
});

test('RTSP', async () => {
  const camera = await startRtspCamera({ fps: FPS });
  try {
    const source = openCamera({ driver: 'rtsp', url: camera.url, latency }, secretless);
    const startedAt = now();
    expectLive(await capture(source), startedAt);
  } finally {
    await camera.stop();
  }
});

/** When the zero of a capture was (wall-clock ms), by the barcodes of its pictures: the later, the earlier they are stamped. */
async function zeroOf(url: string, late: number, runZero: number): Promise<number> {
  const segments = await mkdtemp(join(folder, 'late-'));
  const camera = openCamera({ driver: 'rtsp', url, latency: late }, secretless);
  const plan = { camera, soundFrom: null, channels: 1 as const, runZero, runStart: 0, frameRate: null };
  const args = captureArgs({ ...plan, segments: join(segments, '%06d.ts') });
  const ffmpeg = spawn('ffmpeg', args, {
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', 'ignore', 'pipe'],
  });
  // Its list of segments is read, as by the service: with /dev/null there ffmpeg now and then ends with the first one.
  (ffmpeg.stdio[3] as Readable).resume();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  ffmpeg.kill('SIGINT');
  await once(ffmpeg, 'exit');
  const names = (await readdir(segments)).sort().map((name) => join(segments, name));
  const clip = join(segments, 'clip.mp4');
  const joined = ['-copyts', '-i', `concat:${names.join('|')}`, '-c', 'copy', clip];
  await run('ffmpeg', ['-v', 'error', '-nostdin', ...joined]);
  return (await clipTimes(clip)).zero ?? Number.NaN;
}

test('the pictures of a late camera are stamped earlier by its latency', async () => {
  const camera = await startRtspCamera({ fps: FPS });
  try {
    const runZero = now() - 2;
    const [inTime, late] = await Promise.all([0, 400].map((ms) => zeroOf(camera.url, ms, runZero)));
    expect((late ?? 0) - (inTime ?? 0)).toBeGreaterThan(400 - 30);
    expect((late ?? 0) - (inTime ?? 0)).toBeLessThan(400 + 30);
  } finally {
    await camera.stop();
  }
});

/** Sends a JPEG picture as one part of a multipart stream, `FPS` times a second, until the reader is gone or `frozen()`. */
function stream(jpeg: Buffer, to: Writable, frozen = () => false): void {
  const timer = setInterval(() => {
    if (frozen()) return;
    to.write(`--picture\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
    to.write(jpeg);
    to.write('\r\n');
  }, 1_000 / FPS);
  to.on('error', () => {});
  to.on('close', () => clearInterval(timer));
}

async function jpeg(): Promise<Buffer> {
  const args = ['-f', 'lavfi', '-i', 'testsrc2=size=320x240', '-frames:v', '1', '-f', 'mjpeg', 'pipe:1'];
  return (await run('ffmpeg', ['-v', 'error', '-nostdin', ...args], { encoding: 'buffer' })).stdout;
}

test('MJPEG over HTTP, until the camera freezes', async () => {
  const picture = await jpeg();
  let frozenAt: number | null = null;
  const server = createHttpServer((_request, response) => {
    response.setHeader('Content-Type', 'multipart/x-mixed-replace; boundary=picture');
    stream(picture, response, () => frozenAt !== null);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/video`;
    const source = openCamera({ driver: 'mjpeg', url, latency }, secretless);
    const startedAt = now();
    expectLive(await capture(source), startedAt);

    setTimeout(() => {
      frozenAt = now();
    }, 1_000);
    await capture(source, 12);
    // ffmpeg gave up by itself, before it was told to end.
    expect(now() - (frozenAt ?? 0)).toBeLessThan(6);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('MJPEG over bare TCP', async () => {
  const picture = await jpeg();
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    stream(picture, socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const startedAt = now();
    expectLive(await capture(openCamera({ driver: 'mjpeg', url, latency }, secretless)), startedAt);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

test('what a camera gives is asked anew before each capture: it may be missing, and another one later', async () => {
  const path = await video('short.mp4', '-c:v', 'libx264', '-bf', '0', '-g', '15');
  const stamped = ['-use_wallclock_as_timestamps', '1'];
  const TEST_PICTURES = 'testsrc2=size=640x360:rate=15';
  const play = ['ffmpeg', '-v', 'error', '-re', '-stream_loop', '2', '-i', path, '-c', 'copy'] as const;
  const answers: CameraInput[] = [
    // H.264 that ends after 3 s, as a camera that is pulled out.
    {
      args: [...stamped, '-f', 'nut', '-i', 'pipe:4'],
      feed: [...play, '-f', 'nut', 'pipe:1'],
      h264: true,
    },
    {
      args: [...stamped, '-f', 'nut', '-i', 'pipe:4'],
      feed: ['ffmpeg', '-v', 'error', '-re', '-f', 'lavfi', '-i', TEST_PICTURES, '-f', 'nut', 'pipe:1'],
      h264: false,
    },
  ];
  let asked = 0;
  const camera: CameraSource = {
    ...{ name: 'any', args: [], h264: false, latency },
    resolve: async () => {
      // The last one is there to stay.
      const answer = answers[Math.min(asked++, answers.length) - 1];
      if (!answer) throw new CaError('CA_CAMERA_LOST', 'any: no such device');
      return answer;
    },
  };
  const ring = await mkdtemp('/dev/shm/ca-cameras-');
  const segments: string[] = [];
  const capture = new Capture({
    ...{ camera, microphone: null, frameRate: null, folder: ring },
    ...{ clock: systemClock, log: createLog('silent') },
    idle: () => true,
    onSegment: ({ file }) => segments.push(file),
    onFrame: () => {},
    onSound: () => {},
  });
  const sizes = async () => {
    const entries = ['-show_entries', 'stream=codec_name,width', '-of', 'csv=p=0'];
    const probes = segments.map((file) => run('ffprobe', ['-v', 'error', ...entries, file]));
    return new Set((await Promise.all(probes)).map(({ stdout }) => stdout.trim().split('\n')[0]));
  };
  try {
    capture.start();
    await expect.poll(() => capture.fault?.message).toBe('any: no such device');
    await expect.poll(sizes, { timeout: 25_000, interval: 500 }).toEqual(new Set(['h264,320', 'h264,640']));
    expect(asked).toBeGreaterThanOrEqual(3);
    await expect.poll(() => capture.fault, { timeout: 10_000 }).toBeNull();
  } finally {
    await capture.stop();
    await rm(ring, { recursive: true });
  }
});

test('the password of an RTSP camera is read from where the config says', () => {
  const reference = { file: '/nowhere' };
  const asked: unknown[] = [];
  const source = openCamera(
    { driver: 'rtsp', url: 'rtsp://127.0.0.1/cam', user: 'desk', password: reference, latency },
    (secret) => {
      asked.push(secret);
      return 'from the file';
    },
  );
  expect(asked).toEqual([reference]);
  expect(source.args.at(-1)).toBe('rtsp://desk:from%20the%20file@127.0.0.1/cam');
});

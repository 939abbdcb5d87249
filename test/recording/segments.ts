import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { headOf } from '../../device/recording/clip-head.ts';
import { startMuxer } from '../../device/recording/clip-muxer.ts';
import type { Fragment } from '../../device/recording/fragments.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import { MPEGTS_SHIFT } from '../../device/recording/ts-packet.ts';
import { TsTrimmer } from '../../device/recording/ts-trim.ts';

const execute = promisify(execFile);
const MEDIA = join(import.meta.dirname, '../../.cache/demo');
const LIMIT = 256 * 1024 * 1024;

/** Input of ffmpeg: the demo's camera, H.264 with 15 pictures a second and a key picture each second, for 24 s. */
export const CAMERA = ['-i', join(MEDIA, 'camera.mp4')];
/** A microphone that is never silent: ffmpeg puts several frames of silence into one PES, and these stay together. */
export const MICROPHONE = ['-f', 'lavfi', '-i', 'anoisesrc=r=16000:a=0.1:seed=1'];

/** Runs ffmpeg or ffprobe; returns what it wrote. */
export async function run(program: 'ffmpeg' | 'ffprobe', ...args: string[]): Promise<string> {
  const { stdout } = await execute(program, ['-v', 'error', ...args], { maxBuffer: LIMIT });
  return stdout;
}

export interface Capture {
  /** Input of ffmpeg; left out, no such track. */
  video?: string[];
  audio?: string[];
  /** Where it begins, in seconds of the timeline, and how long it lasts. */
  at: number;
  seconds: number;
  /** How pictures are encoded; left out, they are copied. */
  encode?: string[];
}

/** The segments, one after the other, that the ring would have of a run of capture. */
export async function segmentsOf(folder: string, capture: Capture): Promise<Buffer[]> {
  const { video, audio, at, seconds, encode = ['copy', '-bsf:v', 'h264_mp4toannexb'] } = capture;
  const place = await mkdtemp(join(folder, 'run-'));
  const inner = ['flush_packets=1', 'pes_payload_size=0', `output_ts_offset=${at}`];
  if (!video) inner.push('mpegts_start_pid=257');
  await run(
    'ffmpeg',
    ...[...(video ?? []), ...(audio ?? []), '-t', String(seconds)],
    ...(video ? ['-map', '0:v', '-c:v', ...encode] : []),
    ...(audio
      ? ['-map', `${video ? 1 : 0}:a`, '-c:a', 'aac', '-b:a', '48k', '-ar', '16000', '-ac', '1']
      : []),
    ...['-f', 'segment', '-segment_time', '2', '-segment_format', 'mpegts'],
    ...['-segment_format_options', inner.join(':'), join(place, '%06d.ts')],
  );
  const names = (await readdir(place)).sort();
  return Promise.all(names.map((name) => readFile(join(place, name))));
}

/** A clip out of `segments`, as the recorder makes it but for the encryption. */
export async function clipOf(
  segments: readonly Buffer[],
  from: number,
  to: number,
  file: string,
): Promise<Fragment[]> {
  const trimmer = new TsTrimmer({ from, to });
  const fragments: Fragment[] = [];
  const bytes: Buffer[] = [];
  let init: Buffer = Buffer.alloc(0);
  const muxer = startMuxer({ from }, async (part) => {
    if (part.kind === 'init') {
      init = part.bytes;
      return;
    }
    bytes.push(...part.pieces);
    fragments.push({ size: part.size, tracks: part.tracks });
  });
  for (const segment of segments) await muxer.write(trimmer.push(segment));
  await muxer.end();
  await writeFile(file, Buffer.concat([headOf(init, fragments, CHUNK), ...bytes]));
  return fragments;
}

/** When (s) the packets of each track of a file are shown, in order. */
export async function timesIn(file: string): Promise<{ video: number[]; audio: number[] }> {
  const entries = ['-show_entries', 'packet=codec_type,pts_time', '-of', 'json'];
  const { packets } = JSON.parse(await run('ffprobe', ...entries, file)) as {
    packets: { codec_type: string; pts_time: string }[];
  };
  const of = (type: string) =>
    packets
      .filter(({ codec_type }) => codec_type === type)
      .map(({ pts_time }) => Number(pts_time))
      .sort((a, b) => a - b);
  return { video: of('video'), audio: of('audio') };
}

/** The same of segments, in seconds of the timeline. */
export async function timesOfSegments(folder: string, segments: readonly Buffer[]) {
  const file = join(folder, 'whole.ts');
  await writeFile(file, Buffer.concat(segments));
  const { video, audio } = await timesIn(file);
  const shifted = (times: number[]) => times.map((time) => time - MPEGTS_SHIFT);
  return { video: shifted(video), audio: shifted(audio) };
}

/** Plays all of a file as strictly as ffmpeg can; returns how many pictures it showed. Rejects at the first error. */
export async function decoded(file: string): Promise<number> {
  const strict = ['-xerror', '-err_detect', 'explode', '-i', file];
  const shown = await run(
    'ffmpeg',
    ...strict,
    '-map',
    '0',
    '-fps_mode',
    'passthrough',
    '-f',
    'framecrc',
    '-',
  );
  const lines = shown.split('\n').filter((line) => /^\d/.test(line));
  const video = await run(
    'ffprobe',
    '-select_streams',
    'v',
    '-show_entries',
    'stream=index',
    '-of',
    'csv=p=0',
    file,
  );
  return lines.filter((line) => line.startsWith(`${video.trim()},`)).length;
}

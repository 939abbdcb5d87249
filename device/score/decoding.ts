import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { SAMPLE_RATE } from '../../drivers/types.ts';
import type { Picture } from '../../models/picture.ts';
import { PICTURES_PER_SECOND } from '../../models/session.ts';
import { FRAME_HEIGHT, FRAME_WIDTH, pictureFilter } from '../recording/ffmpeg-args.ts';
import { FrameSplitter } from '../recording/frame-splitter.ts';
import { INPUT, MediaProgram, SECOND_FD, unreadable } from './media-program.ts';

/** A larger picture is shrunk to so many pixels a side: no net looks at more, and one of 50 megapixels takes 150 MB. */
const LARGEST = 1_280;

const QUIET = ['-nostdin', '-v', 'error'];

/** A picture file. @throws CaError CA_RECORDING_UNREADABLE */
export async function decodePicture(recording: FileHandle): Promise<Picture> {
  const scale = `scale='min(${LARGEST},iw)':'min(${LARGEST},ih)':force_original_aspect_ratio=decrease:flags=area`;
  const output = ['-map', '0:V:0', '-frames:v', '1', '-vf', scale];
  const ppm = ['-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', 'pipe:1'];
  const program = new MediaProgram('ffmpeg', [...QUIET, ...INPUT, ...output, ...ppm], recording);
  const told = await buffer(program.output);
  await program.ended();
  // A PPM says its size in its head: the picture may have been turned on the way.
  const head = /^P6\n(\d+) (\d+)\n255\n/.exec(told.toString('latin1', 0, 40));
  if (!head) throw unreadable('is a picture that cannot be decoded');
  return { width: Number(head[1]), height: Number(head[2]), rgb: told.subarray(head[0].length) };
}

/**
 * The pictures of a video as a desk's recorder would give them (`recording/ffmpeg-args.ts`): at most 5 a second, padded
 * to 4:3. `at`: seconds of the video. Comes as fast as it is taken.
 */
export async function* decodePictures(
  recording: FileHandle,
): AsyncGenerator<{ picture: Picture; at: number }> {
  const desk = pictureFilter(PICTURES_PER_SECOND);
  const filter = ['-filter_complex', `[0:V:0]${desk},split[times][pictures]`];
  const passed = ['-fps_mode', 'passthrough', '-enc_time_base', '1:1000'];
  // Raw pictures have no times. Their line is written before they are, and at once: who has a picture can wait for it.
  const times = ['-map', '[times]', ...passed, '-c:v', 'rawvideo', '-flush_packets', '1', '-f', 'framecrc'];
  const raw = ['-map', '[pictures]', ...passed, '-pix_fmt', 'rgb24', '-f', 'rawvideo'];
  const args = [...QUIET, ...INPUT, ...filter, ...times, `pipe:${SECOND_FD}`, ...raw, 'pipe:1'];
  const program = new MediaProgram('ffmpeg', args, recording, true);
  try {
    const seconds = timesOf(program.second);
    for await (const rgb of framesOf(program.output)) {
      const { value: at } = await seconds.next();
      if (at === undefined) throw unreadable('has a picture without a time');
      yield { picture: { width: FRAME_WIDTH, height: FRAME_HEIGHT, rgb }, at };
    }
    await program.ended();
  } finally {
    program.kill();
  }
}

/**
 * The sound of a recording as a desk's microphone would give it: S16LE at 16 kHz, silence where it has holes, from the
 * recording's first moment on. Two channels are interleaved; into one they are mixed.
 */
export async function* decodeSound(recording: FileHandle, channels: 1 | 2): AsyncGenerator<Int16Array> {
  const filter = ['-map', '0:a:0', '-af', 'aresample=async=1:first_pts=0', '-ac', String(channels)];
  const output = ['-ar', String(SAMPLE_RATE), '-f', 's16le', 'pipe:1'];
  const program = new MediaProgram('ffmpeg', [...QUIET, ...INPUT, ...filter, ...output], recording);
  const whole = 2 * channels;
  try {
    let rest = Buffer.alloc(0);
    for await (const chunk of program.output as AsyncIterable<Buffer>) {
      const bytes = Buffer.concat([rest, chunk]);
      const length = bytes.length - (bytes.length % whole);
      rest = bytes.subarray(length);
      // A copy: samples must begin at an even address.
      if (length > 0) yield new Int16Array(Uint8Array.from(bytes.subarray(0, length)).buffer);
    }
    await program.ended();
  } finally {
    program.kill();
  }
}

async function* framesOf(raw: Readable): AsyncGenerator<Buffer> {
  const ready: Buffer[] = [];
  const splitter = new FrameSplitter((rgb) => ready.push(rgb));
  for await (const chunk of raw as AsyncIterable<Buffer>) {
    splitter.push(chunk);
    yield* ready.splice(0);
  }
}

/** The times (s) in what ffmpeg's `framecrc` says: stream, dts, pts in ms, and more that is not needed. */
async function* timesOf(lines: Readable | null): AsyncGenerator<number> {
  let rest = '';
  for await (const text of lines?.setEncoding('utf8') ?? []) {
    const whole = (rest + text).split('\n');
    rest = whole.pop() ?? '';
    for (const line of whole) {
      const [, ms] = /^0,\s*-?\d+,\s*(-?\d+),/.exec(line) ?? [];
      if (ms !== undefined) yield Number(ms) / 1_000;
    }
  }
}

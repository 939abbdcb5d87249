import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { VideoFrame } from '../../drivers/types.ts';

const DEMO = join(import.meta.dirname, '../../.cache/demo');
const [WIDTH, HEIGHT] = [640, 480];

/** So many seconds of the demo's camera, five pictures a second: a face that sways. */
export function demoPictures(seconds: number): VideoFrame[] {
  const output = ['-t', String(seconds), '-r', '5', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const rgb = ffmpeg('camera.mp4', output);
  const size = WIDTH * HEIGHT * 3;
  return Array.from({ length: Math.floor(rgb.length / size) }, (_, n) => {
    const picture = rgb.subarray(n * size, (n + 1) * size);
    return { width: WIDTH, height: HEIGHT, rgb: picture, at: { mono: n * 200, wall: n * 200 } };
  });
}

/** So many seconds of the demo's dialogue: S16LE mono at 16 kHz. */
export function demoSound(seconds: number): Int16Array {
  const pcm = ffmpeg('dialogue.wav', [
    ...['-t', String(seconds), '-f', 's16le', '-ar', '16000', '-ac', '1', '-'],
  ]);
  return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
}

function ffmpeg(name: string, output: readonly string[]): Buffer {
  const file = join(DEMO, name);
  if (!existsSync(file)) throw new Error(`${file} is missing: \`npm test\` makes it`);
  const input = ['-v', 'error', '-nostdin', '-stream_loop', '-1', '-i', file];
  return execFileSync('ffmpeg', [...input, ...output], { maxBuffer: 2 ** 30 });
}

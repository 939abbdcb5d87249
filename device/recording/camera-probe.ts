import type { Writable } from 'node:stream';
import type { CameraSource } from '../../drivers/types.ts';
import { spawnBound } from '../bound-process.ts';
import type { Clock } from '../clock.ts';
import { cameraInput, FEED_FD } from './ffmpeg-args.ts';

const PATIENCE = 12_000;

/** The camera as it is to be read now. Rejects as its `resolve` does. */
export async function resolved(camera: CameraSource, signal: AbortSignal): Promise<CameraSource> {
  return camera.resolve ? { ...camera, ...(await camera.resolve(signal)) } : camera;
}

/** True when the camera gives pictures: tried beside a capture of sound, which need not be interrupted to find out. */
export async function cameraAnswers(
  source: CameraSource,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const camera = await resolved(source, signal).catch(() => null);
  if (!camera || signal.aborted) return false;
  const args = ['-nostdin', '-loglevel', 'quiet', ...cameraInput(camera)];
  const sink = ['-map', '0:v:0', '-c', 'copy', '-frames:v', '3', '-f', 'null', '-'];
  const feedPipe = camera.feed ? 'pipe' : 'ignore';
  const ffmpeg = spawnBound('ffmpeg', [...args, ...sink], ['ignore', 'ignore', 'ignore', 'ignore', feedPipe]);
  const kill = () => ffmpeg.kill('SIGKILL');
  const answered = new Promise<boolean>((resolve) => {
    ffmpeg.once('error', () => resolve(false));
    ffmpeg.once('exit', (code) => resolve(code === 0));
  });
  const feed = camera.feed ? startFeed(camera.feed, ffmpeg.stdio[FEED_FD] as Writable) : null;
  const timer = clock.after('camera probe', PATIENCE, kill);
  signal.addEventListener('abort', kill, { once: true });
  try {
    return await answered;
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', kill);
    feed?.kill('SIGKILL');
  }
}

/** The program that feeds a camera, into `pipe`: ffmpeg's `FEED_FD`. What it says is not heard. */
export function startFeed([command, ...args]: readonly [string, ...string[]], pipe: Writable) {
  const feed = spawnBound(command, args, ['ignore', pipe, 'ignore']);
  feed.once('error', () => {});
  pipe.destroy();
  return feed;
}

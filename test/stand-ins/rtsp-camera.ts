import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface RtspCameraOptions {
  /** Pictures a second. */
  fps?: number;
  /** Pictures from one keyframe to the next. */
  gop?: number;
  /** Width a multiple of 40: the barcode has 40 bars. */
  size?: `${number}x${number}`;
  /** A picture file to show below the barcode, such as a face; plain grey without. */
  picture?: string;
  /** Loopback port; a free one without. Given, the camera comes back where it was. */
  port?: number;
}

export interface RtspCamera {
  readonly url: string;
  readonly port: number;
  /** Its process, for tests that stop or starve it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts an H.264 camera of GStreamer's RTSP server whose frames carry their wall-clock time (`clipTimes` reads it). */
export async function startRtspCamera(options: RtspCameraOptions = {}): Promise<RtspCamera> {
  const { fps = 15, gop = 15, size = '640x480', picture, port = 0 } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rtsp-camera-'));
  try {
    const raw = join(folder, 'picture.yuv');
    await rawPicture(picture, size, raw);
    const [width = '', height = ''] = size.split('x');
    const script = join(import.meta.dirname, 'rtsp-camera.py');
    // Debian's own interpreter: another python in the PATH does not see Debian's GStreamer.
    const child = spawn('/usr/bin/python3', [script, `${port}`, `${fps}`, `${gop}`, width, height, raw], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    const first = await Promise.race([once(createInterface(child.stdout), 'line'), exited]);
    const ready = /^ready (\d+)$/.exec(String(first[0]));
    if (!ready || child.pid === undefined)
      throw new Error(`the RTSP camera did not start: ${first.join(' ')}`);
    return {
      url: `rtsp://127.0.0.1:${ready[1]}/cam`,
      port: Number(ready[1]),
      pid: child.pid,
      async stop() {
        child.kill('SIGKILL');
        await exited;
      },
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function rawPicture(picture: string | undefined, size: string, raw: string): Promise<void> {
  const [width, height] = size.split('x');
  const input =
    picture === undefined ? ['-f', 'lavfi', '-i', `color=c=gray:s=${size}:d=1:r=1`] : ['-i', picture];
  const fill = `scale=${size}:force_original_aspect_ratio=increase,crop=${width}:${height}`;
  const output = ['-frames:v', '1', '-vf', fill, '-pix_fmt', 'yuv420p', '-f', 'rawvideo', raw];
  await run('ffmpeg', ['-v', 'error', '-nostdin', ...input, ...output]);
}

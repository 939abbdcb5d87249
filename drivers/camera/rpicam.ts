import { CaError } from '../../device/errors.ts';
import { outputOf } from '../tool-output.ts';
import type { CameraInput } from '../types.ts';

/** A camera on the ribbon cable of a Pi, as the config has it. */
export interface RpicamCamera {
  readonly camera: number;
  readonly size: string;
  readonly rate: number;
  readonly flip: boolean;
}

/** Its name since 2023, and before. */
const PROGRAMS = ['rpicam-vid', 'libcamera-vid'];

/**
 * How the installed rpicam-vid is to be called. Rejects with CA_TOOL_MISSING. What ails the camera itself, the program
 * says when it runs.
 */
export async function rpicamInput(
  camera: RpicamCamera,
  stamped: readonly string[],
  signal: AbortSignal,
): Promise<CameraInput> {
  for (const program of PROGRAMS) {
    const { stdout, missing } = await outputOf(program, ['--help'], signal);
    if (!missing) return inputBy(program, stdout.includes('--low-latency'), camera, stamped);
  }
  throw new CaError('CA_TOOL_MISSING', 'rpicam-vid cannot be started', {
    remedy: 'Install the package rpicam-apps-lite of Raspberry Pi OS.',
  });
}

/**
 * rpicam-vid gives bare H.264, without times, to ffmpeg. Pure.
 *
 * `lowLatency`: rpicam-apps 1.6 (December 2024) can leave out what makes x264, on a Pi 5, hold pictures back
 * (rpicam-apps#751). The baseline profile has no B-frames anywhere: on a Pi 5 there would be one otherwise, which cannot
 * be stamped when it comes. `--flush`: else the end of each picture waits in stdio's buffer for the next.
 */
export function inputBy(
  program: string,
  lowLatency: boolean,
  { camera, size, rate, flip }: RpicamCamera,
  stamped: readonly string[],
): CameraInput {
  const [width = '', height = ''] = size.split('x');
  const feed = [
    ...['-t', '0', '-n', '--verbose', '0', '--camera', `${camera}`],
    ...['--width', width, '--height', height, '--framerate', `${rate}`],
    ...(flip ? ['--rotation', '180'] : []),
    ...['--codec', 'h264', '--profile', 'baseline', '--inline', '--intra', `${rate}`],
    ...(lowLatency ? ['--low-latency'] : []),
    ...['--flush', '-o', '-'],
  ];
  return {
    args: [...stamped, '-framerate', `${rate}`, '-f', 'h264', '-i', 'pipe:4'],
    feed: [program, ...feed],
    h264: true,
  };
}

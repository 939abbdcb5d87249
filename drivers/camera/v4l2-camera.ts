import { access, constants } from 'node:fs/promises';
import { CaError } from '../../device/errors.ts';
import { outputOf } from '../tool-output.ts';
import type { CameraInput } from '../types.ts';
import { chooseMode, parseFormats, type WantedFormat } from './v4l2-formats.ts';

/** A camera of Video4Linux, as the config has it. */
export interface V4l2Camera {
  readonly device: string;
  readonly format: WantedFormat;
  readonly size: string;
  readonly rate: number;
}

/**
 * Looks at what the device offers now: it may have been plugged in since, and another one than before. `stamped`: the
 * options before every input. Rejects with CA_CAMERA_LOST, which says what is in the way, or CA_TOOL_MISSING.
 */
export async function v4l2Input(
  camera: V4l2Camera,
  stamped: readonly string[],
  signal: AbortSignal,
): Promise<CameraInput> {
  const { device } = camera;
  await reachable(device);
  const told = await outputOf('v4l2-ctl', ['-d', device, '--list-formats-ext'], signal);
  if (told.missing) {
    throw new CaError('CA_TOOL_MISSING', 'v4l2-ctl cannot be started', {
      remedy: 'Install the Debian package v4l-utils.',
    });
  }
  if (told.ended !== null) throw lost(device, told.stderr.trim() || told.ended, NO_CAMERA);
  const offers = parseFormats(told.stdout);
  const mode = chooseMode(offers, camera);
  if (!mode) {
    const those = offers
      .map(({ fourcc }) => fourcc.trim())
      .slice(0, MOST_NAMES)
      .join(', ');
    if (camera.format === 'auto' || those === '')
      throw lost(device, `offers no pictures that can be read (${those || 'none at all'})`, NO_CAMERA);
    throw lost(device, `offers no ${camera.format}; it offers ${those}`, 'Set `format: auto` of the camera.');
  }
  const { format, h264, size, rate } = mode;
  const options = ['-input_format', format, '-video_size', size, '-framerate', `${rate}`];
  return { args: [...stamped, '-f', 'v4l2', ...options, '-i', device], h264 };
}

/** Cameras have up to five formats, but a capture card may have dozens. */
const MOST_NAMES = 12;

const NO_CAMERA =
  'See by `v4l2-ctl --list-devices` which device is the camera: a USB camera has more than one. One on the ribbon cable of a Pi wants `driver: rpicam`.';

async function reachable(device: string): Promise<void> {
  try {
    await access(device, constants.R_OK | constants.W_OK);
  } catch (cause) {
    const { code } = cause as { code?: unknown };
    if (code === 'EACCES')
      throw lost(device, 'not allowed', 'Add the user of the service to the group `video`.', cause);
    throw lost(device, code === 'ENOENT' ? 'no such device' : String(code), undefined, cause);
  }
}

function lost(device: string, what: string, remedy?: string, cause?: unknown): CaError {
  const said = what.includes(device) ? what : `${device}: ${what}`;
  return new CaError('CA_CAMERA_LOST', `v4l2 ${said}`, { cause, ...(remedy ? { remedy } : {}) });
}

import type { DeskConfig } from '../../config/schema.ts';
import { CaError } from '../../device/errors.ts';
import type { CameraSource } from '../types.ts';
import { inputBy, rpicamInput } from './rpicam.ts';
import { v4l2Input } from './v4l2-camera.ts';

/** The camera of a desk, as the config has it. */
export type CameraConfig = NonNullable<DeskConfig['camera']>;
type Of<Driver extends CameraConfig['driver']> = Extract<CameraConfig, { driver: Driver }>;
/** All that is the driver's own. */
type Source = Omit<CameraSource, 'latency'>;

/** Silence on the network after which ffmpeg gives a camera up. Microseconds. */
const TIMEOUT = '3000000';

/**
 * Before every input. Pictures are stamped when they arrive, since no two cameras agree on a clock and the sound is
 * stamped so too; the queue keeps the camera from waiting, and so from being stamped late, while ffmpeg is busy.
 */
const STAMPED = ['-use_wallclock_as_timestamps', '1', '-thread_queue_size', '512'];

/** How ffmpeg gets the pictures of a camera. Pure. `password` belongs to the `user` of an RTSP camera. */
export function cameraSource(config: CameraConfig, password: string | null): CameraSource {
  return { ...sourceOf(config, password), latency: config.latency };
}

function sourceOf(config: CameraConfig, password: string | null): Source {
  switch (config.driver) {
    case 'rtsp':
      return rtsp(config, password);
    case 'v4l2':
      return v4l2(config);
    case 'mjpeg':
      return mjpeg(config);
    case 'file':
      return file(config);
    case 'rpicam':
      return rpicam(config);
  }
}

function rtsp({ url, user }: Of<'rtsp'>, password: string | null): Source {
  const address = parsed(url);
  const name = nameOf('rtsp', address);
  // Encoded first: the URL's own setters leave % as it is. ffmpeg decodes both before it answers the camera.
  if (user !== undefined) address.username = encodeURIComponent(user);
  if (password !== null) address.password = encodeURIComponent(password);
  // TCP: a picture lost on the way would spoil all that follow until the next key picture.
  const transport = ['-rtsp_transport', 'tcp', '-timeout', TIMEOUT];
  // Never the camera's own microphone: what is heard at the desk is for the config to say.
  const args = [...STAMPED, ...transport, '-allowed_media_types', 'video', '-i', address.href];
  return { name, args, h264: true };
}

/** What it offers is looked at when it is opened; until then, it is what ffmpeg would take by itself. */
function v4l2(camera: Of<'v4l2'>): Source {
  const { device } = camera;
  return {
    name: `v4l2 ${device}`,
    args: [...STAMPED, '-f', 'v4l2', '-i', device],
    h264: false,
    resolve: (signal) => v4l2Input(camera, STAMPED, signal),
  };
}

function rpicam(camera: Of<'rpicam'>): Source {
  return {
    name: `rpicam ${camera.camera}`,
    ...inputBy('rpicam-vid', false, camera, STAMPED),
    resolve: (signal) => rpicamInput(camera, STAMPED, signal),
  };
}

/** JPEG pictures as `multipart/x-mixed-replace`, over HTTP or bare TCP. */
function mjpeg({ url }: Of<'mjpeg'>): Source {
  const address = parsed(url);
  return {
    name: nameOf('mjpeg', address),
    args: [...STAMPED, '-rw_timeout', TIMEOUT, '-f', 'mpjpeg', '-i', address.href],
    h264: false,
  };
}

/**
 * The capture stamps by the wall clock, so `-re` on its own input would have nothing to pace by: another ffmpeg plays
 * the file. As NUT, whose pictures were stamped within 0.2 ms of their arrival; those of MPEG-TS came one picture
 * late, because its demuxer waits for the next.
 */
function file({ path }: Of<'file'>): Source {
  const input = ['-re', '-stream_loop', '-1', '-i', path];
  const output = ['-map', '0:v:0', '-c', 'copy', '-f', 'nut', '-flush_packets', '1', 'pipe:1'];
  return {
    name: `file ${path}`,
    args: [...STAMPED, '-f', 'nut', '-i', 'pipe:4'],
    feed: ['ffmpeg', '-v', 'error', '-nostdin', ...input, ...output],
    h264: true,
  };
}

function parsed(url: string): URL {
  const address = URL.parse(url);
  if (address?.hostname) return address;
  // The address itself may hold a password.
  throw new CaError('CA_CONFIG_INVALID', "The camera's `url` is not an address", {
    remedy: 'Write it as scheme://host:port/path.',
  });
}

/** For logs and health: without user and password, and without the query, where some cameras take them. */
function nameOf(driver: string, { protocol, host, pathname }: URL): string {
  return `${driver} ${protocol}//${host}${pathname}`;
}

import { expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { openMicrophone } from '../open.ts';
import { type CameraConfig, cameraSource } from './cameras.ts';
import { inputBy } from './rpicam.ts';

const latency = 0;
const argsOf = (config: CameraConfig, password: string | null = null) =>
  cameraSource(config, password).args.join(' ');
const STAMPED = '-use_wallclock_as_timestamps 1 -thread_queue_size 512';

const FLIPPED = { camera: 1, size: '1280x720', rate: 25, flip: true };

test('rpicam: bare H.264 without B-frames, each picture flushed, a key picture each second', () => {
  const { args, feed, h264 } = inputBy('rpicam-vid', true, FLIPPED, STAMPED.split(' '));
  expect(args.join(' ')).toBe(`${STAMPED} -framerate 25 -f h264 -i pipe:4`);
  expect(feed?.join(' ')).toBe(
    'rpicam-vid -t 0 -n --verbose 0 --camera 1 --width 1280 --height 720 --framerate 25 --rotation 180 ' +
      '--codec h264 --profile baseline --inline --intra 25 --low-latency --flush -o -',
  );
  expect(h264).toBe(true);
  const old = inputBy('libcamera-vid', false, { ...FLIPPED, flip: false }, []).feed?.join(' ');
  expect(old).not.toMatch(/--low-latency|--rotation/);
});

test('a V4L2 device that is not there says so when it is opened, not before', async () => {
  const device = '/dev/video-none';
  const source = cameraSource(
    { driver: 'v4l2', device, format: 'auto', size: '640x480', rate: 15, latency },
    null,
  );
  expect(source.name).toBe('v4l2 /dev/video-none');
  await expect(source.resolve?.(new AbortController().signal)).rejects.toMatchObject({
    code: 'CA_CAMERA_LOST',
    message: 'v4l2 /dev/video-none: no such device',
  });
});

test('rtsp: user and password go into the address, encoded, and never into the name', () => {
  const camera = { driver: 'rtsp', url: 'rtsp://cam.local:554/h264?channel=1', latency } as const;
  expect(argsOf(camera)).toMatch(/-i rtsp:\/\/cam\.local:554\/h264\?channel=1$/);
  const source = cameraSource({ ...camera, user: 'front desk' }, 'p@ss:w/rd%#?ü');
  expect(source.args.at(-1)).toBe(
    'rtsp://front%20desk:p%40ss%3Aw%2Frd%25%23%3F%C3%BC@cam.local:554/h264?channel=1',
  );
  expect(source.name).toBe('rtsp rtsp://cam.local:554/h264');
  expect(source.h264).toBe(true);
});

test('an address that holds secrets keeps them out of the name and out of the error', () => {
  const url = 'http://u:hunter2@10.0.0.7/video.cgi?user=u&pwd=hunter2';
  expect(cameraSource({ driver: 'mjpeg', url, latency }, null).name).toBe('mjpeg http://10.0.0.7/video.cgi');
  try {
    cameraSource({ driver: 'mjpeg', url: 'http://u:hunter2@:x', latency }, null);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'CA_CONFIG_INVALID' });
    expect(String(error)).not.toContain('hunter2');
  }
});

test('what is late comes with its latency, whatever its kind', () => {
  const late = { latency: 250 };
  expect(cameraSource({ driver: 'rtsp', url: 'rtsp://cam/1', ...late }, null).latency).toBe(250);
  expect(cameraSource({ driver: 'file', path: 'a.mp4', ...late }, null).latency).toBe(250);
  expect(openMicrophone({ driver: 'alsa', device: 'default', ...late }, systemClock).latency).toBe(250);
  const stereo = { driver: 'alsa', device: 'default', patient: 'right', latency } as const;
  expect(openMicrophone(stereo, systemClock).channels).toBe(2);
  expect(openMicrophone({ driver: 'file', path: 'a.wav', ...late }, systemClock).latency).toBe(250);
});

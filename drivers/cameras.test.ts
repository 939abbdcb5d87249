import { expect, test } from 'vitest';
import { systemClock } from '../device/clock.ts';
import { type CameraConfig, cameraSource } from './cameras.ts';
import { openMicrophone } from './open.ts';

const latency = 0;
const argsOf = (config: CameraConfig, password: string | null = null) =>
  cameraSource(config, password).args.join(' ');
const STAMPED = '-use_wallclock_as_timestamps 1 -thread_queue_size 512';

// V4L2 cannot run without a camera or a kernel module: the arguments only.
test('v4l2: format, size and rate before the device; only h264 is stored as it is', () => {
  const camera = {
    driver: 'v4l2',
    device: '/dev/video2',
    format: 'mjpeg',
    size: '1280x720',
    rate: 25,
    latency,
  } as const;
  expect(cameraSource(camera, null)).toEqual({
    name: 'v4l2 /dev/video2',
    args: `${STAMPED} -f v4l2 -input_format mjpeg -video_size 1280x720 -framerate 25 -i /dev/video2`.split(
      ' ',
    ),
    h264: false,
    latency,
  });
  expect(cameraSource({ ...camera, format: 'h264' }, null).h264).toBe(true);
  expect(cameraSource({ ...camera, format: 'raw' }, null).h264).toBe(false);
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
  expect(openMicrophone({ driver: 'file', path: 'a.wav', ...late }, systemClock).latency).toBe(250);
});

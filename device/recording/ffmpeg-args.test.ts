import { expect, it } from 'vitest';
import type { CameraSource } from '../../drivers/types.ts';
import { type CapturePlan, captureArgs } from './ffmpeg-args.ts';

const camera: CameraSource = { name: 'cam', args: ['-i', 'rtsp://desk/cam'], h264: true, latency: 0 };
const plan: CapturePlan = {
  camera,
  soundFrom: 1_700_000_010.5,
  channels: 1,
  runZero: 1_700_000_009.5,
  runStart: 19.5,
  frameRate: 2,
  segments: '/dev/shm/x/1-%06d.ts',
};
const line = (changes: Partial<CapturePlan>) => captureArgs({ ...plan, ...changes }).join(' ');

it('captures camera, sound and pictures for the models in one process', () => {
  const args = line({});
  expect(args.indexOf('rtsp://')).toBeLessThan(args.indexOf('pipe:0'));
  expect(args).toContain('-map 0:v:0 -c:v copy');
  expect(args).toContain('-map 1:a:0 -c:a aac');
  expect(args).toContain('-itsoffset 1700000010.500000 -i pipe:0');
  expect(args).toContain('-output_ts_offset -1700000009.500000');
  expect(args).toContain('output_ts_offset=19.500000');
  expect(args).toMatch(/rgb24 -f rawvideo pipe:1$/);
});

it('encodes what is not H.264, with the true times of the pictures', () => {
  const args = line({ camera: { ...camera, h264: false } });
  expect(args).toContain('libx264');
  expect(args).toContain('-fps_mode passthrough -enc_time_base 1:90000');
  expect(args).not.toContain('-c:v copy');
});

it('does without models, without sound, without camera', () => {
  expect(line({ frameRate: null })).not.toContain('pipe:1');
  expect(line({ soundFrom: null })).not.toContain('pipe:0');
  const soundOnly = line({ camera: null });
  expect(soundOnly).toContain('-map 0:a:0');
  expect(soundOnly).not.toContain('rawvideo');
  // The clip may consist of segments with and without pictures: sound is always the same stream of them.
  expect(soundOnly).toContain('mpegts_start_pid=257');
});

it('stamps the pictures of a late camera earlier, and no others', () => {
  const late = line({ camera: { ...camera, latency: 250 } });
  expect(late).toContain('-itsoffset -0.250 -i rtsp://desk/cam');
  expect(late).toContain('-itsoffset 1700000010.500000 -i pipe:0');
  expect(line({ soundFrom: null })).not.toContain('-itsoffset');
});

it('keeps two microphones on their sides', () => {
  const stereo = line({ channels: 2 });
  expect(stereo).toContain('-ar 16000 -ac 2 -itsoffset');
  expect(stereo).toContain('-b:a 96k');
  expect(line({})).toContain('-f s16le -ar 16000 -ac 1 -itsoffset');
  expect(line({})).toContain('-c:a aac -b:a 48k -aac_coder fast -aac_tns 0 -output_ts_offset');
});

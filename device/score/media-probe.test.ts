import { expect, test } from 'vitest';
import { type Answer, recordingOf } from './media-probe.ts';

type Stream = Answer['streams'][number];

const disposition = { attached_pic: 0 };
const film: Stream = { codec_type: 'video', width: 1920, height: 1080, nb_read_packets: '2', disposition };
const sound: Stream = { codec_type: 'audio', channels: 2, nb_read_packets: '1', disposition };
const cover: Stream = { ...film, disposition: { attached_pic: 1 } };
const subtitles: Stream = { codec_type: 'subtitle', disposition };

const of = (format_name: string, duration: string | undefined, ...streams: Stream[]) =>
  recordingOf({ format: { format_name, ...(duration && { duration }) }, streams });

test('a picture: by its format, or because there is one and no sound', () => {
  expect(of('png_pipe', undefined, film)).toEqual({ kind: 'picture' });
  expect(of('gif', '0.1', { ...film, nb_read_packets: '1' })).toEqual({ kind: 'picture' });
  expect(of('gif', '2', film).kind).toBe('video');
});

test('a video, with its sound; the first packets may all be of one of both', () => {
  const size = { width: 1920, height: 1080 };
  const told = { kind: 'video', duration: 12.5, size, channels: 2 };
  expect(of('mov,mp4', '12.500000', { ...film, nb_read_packets: '1' }, sound)).toEqual(told);
  expect(of('matroska,webm', 'N/A', film)).toEqual({ ...told, duration: null, channels: 0 });
});

test('a video that was filmed upright is upright', () => {
  for (const rotation of [90, -90, 270]) {
    const turned = { ...film, side_data_list: [{}, { rotation }] };
    expect(of('mov,mp4', '1', turned)).toMatchObject({ size: { width: 1080, height: 1920 } });
  }
  expect(of('mov,mp4', '1', { ...film, side_data_list: [{ rotation: 180 }] })).toMatchObject({
    size: { width: 1920, height: 1080 },
  });
});

test('a cover is no video', () => {
  expect(of('mp3', '3', sound, cover)).toEqual({ kind: 'sound', duration: 3, channels: 2 });
});

test('what has neither pictures nor sound is told', () => {
  expect(() => of('srt', undefined, subtitles)).toThrow('neither pictures nor sound');
  expect(() => of('mov,mp4', '1', { ...film, width: 0 }, sound)).toThrow('cannot be decoded');
});

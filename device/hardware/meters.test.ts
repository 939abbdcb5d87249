import { expect, test } from 'vitest';
import { PictureCount } from './picture-count.ts';
import { levelBar, SoundLevel } from './sound-level.ts';

/** A second of a sine at each amplitude, the channels taking turns. */
function sine(rate: number, ...amplitudes: number[]): Buffer {
  const pcm = Buffer.alloc(rate * 2 * amplitudes.length);
  for (let n = 0; n < rate; n++)
    amplitudes.forEach((amplitude, channel) => {
      const value = Math.round(amplitude * 32_767 * Math.sin((2 * Math.PI * 440 * n) / rate));
      pcm.writeInt16LE(value, 2 * (n * amplitudes.length + channel));
    });
  return pcm;
}

test('the level of a sine is 3 dB below its amplitude, whatever pieces it comes in', () => {
  const level = new SoundLevel(1, 16_000);
  const pcm = sine(16_000, 0.1);
  level.push(pcm.subarray(0, 9_998));
  expect(level.latest).toBe(null);
  level.push(pcm.subarray(9_998));
  expect(level.latest?.[0]).toBeCloseTo(-23.01, 1);
  level.push(sine(16_000, 0.01));
  expect(level.latest?.[0]).toBeCloseTo(-43.01, 1);
  expect(level.loudest[0]).toBeCloseTo(-23.01, 1);
});

test('two channels are two levels; zeros are digital silence', () => {
  const level = new SoundLevel(2, 16_000);
  level.push(sine(16_000, 1, 0));
  expect(level.latest?.[0]).toBeCloseTo(-3.01, 1);
  expect(level.latest?.[1]).toBe(Number.NEGATIVE_INFINITY);
});

test('the bar', () => {
  expect(levelBar(Number.NEGATIVE_INFINITY)).toBe('silence ------------');
  expect([-100, -36.2, 0].map(levelBar)).toEqual([
    '-100 dB ------------',
    '-36 dB ######------',
    '0 dB ############',
  ]);
});

const HEAD =
  '#software: Lavf59\n#tb 0: 1/15\n#media_type 0: video\n#codec_id 0: h264\n#dimensions 0: 640x480\n#sar 0: 1/1\n';

test('pictures are counted with their size and codec, however the text is cut', () => {
  const count = new PictureCount();
  expect([count.rate, count.size, count.format]).toEqual([null, null, '']);
  count.push(HEAD.slice(0, 90), 0);
  count.push(`${HEAD.slice(90)}0, 0, 0, 1, 230400, 0x1234\n0, 1, 1, 1, 23`, 100);
  expect([count.pictures, count.format, count.size]).toEqual([1, 'h264 640x480', '640x480']);
  count.push('0400, 0xabcd\n', 100);
  expect(count.pictures).toBe(2);
});

test('the rate is that of the arrivals, without the lump at the beginning', () => {
  const count = new PictureCount();
  count.push(HEAD + '0, 0\n'.repeat(20), 1_000);
  expect([count.rate, count.counted]).toEqual([null, 0]);
  for (let n = 1; n <= 38; n++) count.push('0, 0\n', 1_000 + n * 66.666);
  expect(count.rate).toBeCloseTo(15, 1);
  expect(count.counted).toBeCloseTo(2_000, -2);
});

import { expect, test } from 'vitest';
import { WHOLE } from '../../models/session.ts';
import { parseZone, zoneInFrame } from './zone.ts';

test('a zone is four shares, left before right and above before below', () => {
  expect(parseZone('0.5,0,1, 0.75')).toEqual({ left: 0.5, top: 0, right: 1, bottom: 0.75 });
});

test.each([
  '',
  '0,0,1',
  '0,0,1,1,1',
  '0,,1,1',
  '0.5,0,0.5,1',
  '0,1,1,0',
  '-0.1,0,1,1',
  '0,0,1.1,1',
  'a,b,c,d',
])('%j is none', (text) => expect(() => parseZone(text)).toThrow('is no part of a picture'));

test('a wide video stands between bars above and below, an upright one between bars beside it', () => {
  expect(zoneInFrame(WHOLE, { width: 320, height: 240 })).toEqual(WHOLE);
  // 640 × 360 of 640 × 480: 60 rows of 480 are black above.
  const wide = zoneInFrame({ left: 0.5, top: 0, right: 1, bottom: 0.5 }, { width: 1920, height: 1080 });
  expect(wide.left).toBe(0.5);
  expect(wide.right).toBe(1);
  expect(wide.top * 480).toBeCloseTo(60, 9);
  expect(wide.bottom * 480).toBeCloseTo(240, 9);
  // 270 × 480 of 640 × 480: 185 columns are black on the left.
  const upright = zoneInFrame(WHOLE, { width: 1080, height: 1920 });
  expect(upright.left * 640).toBeCloseTo(185, 9);
  expect(upright.right * 640).toBeCloseTo(455, 9);
  expect([upright.top, upright.bottom]).toEqual([0, 1]);
});

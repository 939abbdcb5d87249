import { expect, test } from 'vitest';
import { lanesOf, ticksOf } from './lanes.ts';
import type { Layers } from './layers.ts';

const nothing: Layers = { speech: null, overlaps: [], raised: [], face: null, gaps: [] };

test('only what there is has a lane, and none lies over another', () => {
  expect(lanesOf(nothing, null).lanes).toEqual([]);
  const channels = [
    { name: 'patient' as const, peaks: [1] },
    { name: 'receptionist' as const, peaks: [1] },
  ];
  const layers: Layers = {
    ...nothing,
    speech: { patient: [], receptionist: [] },
    face: { states: [], curves: [] },
  };
  const { lanes, height } = lanesOf(layers, { duration: 1, preRoll: 0, channels });
  expect(lanes.map(({ id }) => id)).toEqual([
    ...['wave-patient', 'wave-receptionist', 'speech', 'receptionist', 'face'],
  ]);
  lanes.forEach((lane, place) => {
    expect(lane.y + lane.height).toBeLessThanOrEqual(lanes[place + 1]?.y ?? height);
  });
});

test('the time is written from the arrival on, not too densely', () => {
  expect(ticksOf(24_000, 3_000, 700)).toEqual([0, 5_000, 10_000, 15_000, 20_000]);
  expect(ticksOf(12_000, 5_000, 700)).toEqual([-4_000, -2_000, 0, 2_000, 4_000, 6_000]);
  expect(ticksOf(0, 0, 700)).toEqual([]);
});

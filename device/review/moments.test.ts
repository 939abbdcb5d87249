import { expect, test } from 'vitest';
import type { FaceBin, SoundBin } from '../../models/readings.ts';
import type { ScoreTimeline } from '../store/records.ts';

// A variable, because what the browser runs has no types.
const script: string = './page/moments.js';
const { momentsOf } = await import(script);

const face = (state: FaceBin['state']): FaceBin => ({ valence: null, state, untold: null });
const sound = (raised: boolean): SoundBin => ({
  ...{ speech: 1, receptionist: null, level: -30, voice: null, phrases: [] },
  raised,
});

test('seconds that follow each other are one moment, and moments come in their order', () => {
  const timelines: ScoreTimeline[] = [
    {
      ...{ kind: 'face', from: 1_500 },
      bins: [face('neutral'), face('negative'), face('negative'), face('unknown'), face('negative')],
    },
    { kind: 'sound', from: 1_600, bins: [sound(false), sound(true), sound(true), sound(false)] },
  ];
  expect(momentsOf(timelines)).toEqual([
    { what: 'The face looked negative', from: 2_500, to: 4_500 },
    { what: 'A voice was raised', from: 2_600, to: 4_600 },
    { what: 'The face looked negative', from: 5_500, to: 6_500 },
  ]);
});

test('nothing scored, nothing notable: no moments', () => {
  expect(momentsOf([])).toEqual([]);
  expect(momentsOf([{ kind: 'face', from: 0, bins: [face('positive'), face('neutral')] }])).toEqual([]);
});

import { beforeAll, expect, test } from 'vitest';
import { ChannelUsual } from '../../models/raised-voice.ts';
import { lay, mix, sound } from '../stand-ins/two-voices.ts';
import { hear } from './sound-rig.ts';

/** A raised voice is louder, higher and brighter. Whatever is one or two of the three is something else. */

const SAID = [
  'I have been waiting for half an hour and nobody told me anything at all',
  'Please tell me when the doctor will see me because I have to go to work',
];
const USUAL = [
  'The last time it was the same and I do not want to wait any longer',
  'My appointment was at ten and now it is almost eleven in the morning',
  'I would like to pay by card and I need a paper for my employer',
];
const calm = lay(
  USUAL.map((text, n) => ({ at: n * 5, voice: {}, text })),
  15,
);

/** One channel's usual, learnt from another contact: 15 s, and as a copy for each test, since it goes on learning. */
let learnt: () => ChannelUsual;
beforeAll(() => {
  const { readings } = hear([mix([calm, -10])]);
  const voices = readings.flatMap(({ patient: { pitch, effort, level } }) =>
    pitch === null || effort === null ? [] : [{ pitch, effort, level }],
  );
  expect(voices.length).toBeGreaterThan(40);
  learnt = () => {
    const usual = new ChannelUsual();
    for (const voice of voices) usual.learn(voice);
    return usual;
  };
});

function raised(voice: Parameters<typeof lay>[0][number]['voice'], said = SAID, usual = learnt()) {
  const samples = lay(
    said.map((text, n) => ({ at: 0.5 + n * 4.8, voice, text })),
    10,
  );
  return hear([mix([samples, -10])], usual);
}

const UP = { pitch: 80, filter: 'treble=g=8:f=1500,volume=8dB' };

test('louder, higher and with more effort: raised, as long as it lasts', () => {
  const { summary, bins } = raised(UP);
  expect(summary.raised).toBeGreaterThan(6);
  expect(summary.raised).toBeLessThan(9.5);
  expect(bins.filter((bin) => bin.raised).length).toBeGreaterThanOrEqual(7);
});

test.each([
  ['as usual', {}],
  ['a louder microphone', { filter: 'volume=12dB' }],
  ['a higher voice', { pitch: 90 }],
  ['a brighter microphone', { filter: 'treble=g=8:f=1500' }],
  ['somebody near with a higher voice', { pitch: 90, filter: 'volume=12dB' }],
  ['a higher voice, a brighter microphone', { pitch: 90, filter: 'treble=g=8:f=1500' }],
  ['a near and bright microphone', { filter: 'treble=g=8:f=1500,volume=8dB' }],
  ['a woman who speaks up', { name: 'en-us+f3', filter: 'volume=12dB' }],
])('%s: not raised', (_, voice) => {
  const { summary } = raised(voice);
  expect(summary.raised).toBe(0);
  expect(summary.speech).toBeGreaterThan(0.6);
});

test('one loud word is not a raised voice', () => {
  expect(raised(UP, ['No']).summary.raised).toBe(0);
});

test('where nothing is known to be usual, nothing is raised', () => {
  expect(raised(UP, SAID, new ChannelUsual()).summary.raised).toBe(0);
});

test('neither is noise, however loud', () => {
  expect(hear([sound('anoisesrc=c=pink:d=6:a=0.9:r=16000:seed=3')], learnt()).summary.raised).toBe(0);
});

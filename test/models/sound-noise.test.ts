import { expect, test } from 'vitest';
import { RATE, sound } from '../stand-ins/two-voices.ts';
import { hear } from './sound-rig.ts';

/** What is heard at a desk and is nobody's voice. */

const tone = (formula: string) => `aevalsrc='${formula}':s=${RATE}:d=8`;
/** A note of every so many seconds, in steps of a scale, from `base` Hz. */
const note = (base: number, length: number, step: number) =>
  `${base}*pow(2,mod(floor(t/${length})*${step},12)/12)`;
const chord = (hertz: string) =>
  `sin(2*PI*t*${hertz})+0.6*sin(4*PI*t*${hertz})+sin(2*PI*t*1.26*${hertz})+0.5*sin(3*PI*t*${hertz})`;

const SOUNDS = {
  'white noise': `anoisesrc=c=white:d=8:a=0.1:r=${RATE}:seed=1`,
  'pink noise': `anoisesrc=c=pink:d=8:a=0.3:r=${RATE}:seed=1`,
  'brown noise': `anoisesrc=c=brown:d=8:a=0.5:r=${RATE}:seed=1`,
  'a fan': `anoisesrc=c=pink:d=8:a=0.3:r=${RATE}:seed=4,tremolo=f=5:d=0.5`,
  'hum of the mains': tone('0.2*sin(2*PI*50*t)+0.1*sin(2*PI*100*t)+0.05*sin(2*PI*150*t)'),
  'plucked chords': tone(`0.12*exp(-3*mod(t,0.5))*(${chord(note(261.6, 0.5, 5))})`),
  'an arpeggio': tone(`0.2*exp(-2*mod(t,0.25))*(${chord(note(220, 0.25, 4))})`),
  'a melody of strings': tone(
    `0.2*min(1,mod(t,0.5)*20)*(2*mod(t*${note(147, 0.5, 5)}+0.1*sin(2*PI*5.5*t),1)-1)`,
  ),
  'a telephone ringing': tone('0.3*sin(2*PI*425*t)*lt(mod(t,4),1)'),
  'a telephone trilling': tone(
    '0.2*(sin(2*PI*950*t)*lt(mod(t,0.1),0.05)+sin(2*PI*1400*t)*gte(mod(t,0.1),0.05))*lt(mod(t,3),1.2)',
  ),
  'three tones': tone(
    '0.3*(sin(2*PI*950*t)*lt(mod(t,1),0.33)+sin(2*PI*1400*t)*gte(mod(t,1),0.33)*lt(mod(t,1),0.66))',
  ),
};

test.each(Object.entries(SOUNDS))('%s is not speech', (_, source) => {
  const { summary } = hear([sound(source)]);
  expect(summary.speech).toBeLessThan(0.03);
  expect(summary.longestSilence).toBeGreaterThan(7);
  expect(summary.raised).toBe(0);
});

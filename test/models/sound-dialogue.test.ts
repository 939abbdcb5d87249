import { describe, expect, test } from 'vitest';
import { total, union } from '../../models/conversation.ts';
import type { SoundSummary } from '../../models/readings.ts';
import type { Stretch } from '../../models/speech-stretches.ts';
import { lay, mix, RATE, reverberant, sound, voiced } from '../stand-ins/two-voices.ts';
import { hear, power } from './sound-rig.ts';

/**
 * Two people at the desk, their words laid at known times; the truth is in the samples before they are mixed. Who is
 * spoken over, or speaks over another, ends on a vowel: nobody hears a soft T under a voice.
 */

const SECONDS = 27;
const woman = { name: 'en-us+f3', pitch: 55 };
const man = { name: 'en-us', pitch: 45 };
const receptionist = lay(
  [
    { at: 1, voice: woman, text: 'Good morning how can I help you today' },
    { at: 7.5, voice: woman, text: 'Thank you may I have your date of birth please' },
    { at: 13, voice: woman, text: 'The doctor will call you in five minutes so please sit down over there' },
    // Begins before the patient has finished, and goes on.
    { at: 18.9, voice: woman, text: 'I am sorry about that it will not happen any more' },
  ],
  SECONDS,
);
const patient = lay(
  [
    { at: 3.6, voice: man, text: 'Good morning I have an appointment with doctor Adams at ten' },
    { at: 10.8, voice: man, text: 'The fourth of May' },
    // Breaks in a second and a half before the receptionist has finished.
    {
      at: 15,
      voice: man,
      text: 'But I have been waiting for half an hour last time and the time before too',
    },
    { at: 24, voice: man, text: 'Very well thank you' },
  ],
  SECONDS,
);
const truth = { patient: voiced(patient), receptionist: voiced(receptionist) };
const together = mix([patient, 0], [receptionist, 0]);

/** What is said, by the times above. */
const [, , third, last] = truth.patient;
const [hello, thanks, call, sorry] = truth.receptionist;
if (!third || !last || !hello || !thanks || !call || !sorry)
  throw new Error('the dialogue is not what it was');
const overlap = call[1] - third[0] + (third[1] - sorry[0]);
const silence = last[0] - sorry[1];
const answered = thanks[0] - (truth.patient[0]?.[1] ?? 0);

function expectTrue(summary: SoundSummary) {
  const { conversation } = summary;
  if (conversation === 'not available') throw new Error(conversation);
  expect(Math.abs(summary.speech - total(voiced(together)) / SECONDS)).toBeLessThan(0.03);
  expect(Math.abs(summary.longestSilence - silence)).toBeLessThan(0.15);
  expect(Math.abs(conversation.patient - total(truth.patient) / SECONDS)).toBeLessThan(0.03);
  expect(Math.abs(conversation.receptionist - total(truth.receptionist) / SECONDS)).toBeLessThan(0.03);
  expect(Math.abs(conversation.overlap - overlap)).toBeLessThan(0.15);
  expect(conversation.interruptions).toEqual({ byPatient: 1, byReceptionist: 1 });
  // The median of 0.4 s after the first words, 1.1 s after the date of birth, and 0 before the end.
  expect(Math.abs((conversation.responseDelay ?? 9) - answered)).toBeLessThan(0.15);
}

describe('a microphone on each side', () => {
  test('the truth is what it should be', () => {
    expect(overlap).toBeGreaterThan(1.5);
    expect(silence).toBeGreaterThan(1);
    expect(truth.patient).toHaveLength(4);
  });

  test('tells who spoke, for how long, over whom, and how soon', () => {
    expectTrue(hear([patient, receptionist]).summary);
  });

  test('does not take the other voice in it for its own', () => {
    expectTrue(
      hear([mix([patient, 0], [receptionist, -20]), mix([receptionist, 0], [patient, -20])]).summary,
    );
  });

  test('hears only a receptionist who speaks alone', () => {
    const { conversation } = hear([mix([receptionist, -16]), receptionist]).summary;
    expect(conversation).toMatchObject({ patient: 0, overlap: 0, responseDelay: null });
  });
});

test('what a room makes of the other voice is not one’s own', () => {
  const room = reverberant(receptionist, 0.5);
  const own = mix([receptionist, 0], [room, -16]);
  const { conversation } = hear([mix([receptionist, -20], [room, -14]), own]).summary;
  expect(conversation).toMatchObject({ patient: 0, overlap: 0, responseDelay: null });
});

test('one microphone tells how much is spoken, and not by whom', () => {
  const { summary, readings, bins } = hear([together]);
  expect(Math.abs(summary.speech - total(voiced(together)) / SECONDS)).toBeLessThan(0.03);
  expect(Math.abs(summary.longestSilence - silence)).toBeLessThan(0.15);
  expect(summary).toMatchObject({ conversation: 'not available', raised: 0, voice: null, phrases: null });
  expect(summary.heard).toBeCloseTo(SECONDS, 6);
  expect(readings).toHaveLength(SECONDS * 4);
  expect(readings.every(({ receptionist: other }) => other === null)).toBe(true);
  expect(bins).toHaveLength(SECONDS);
  for (const [second, { speech }] of bins.entries()) {
    const spoken = total(
      voiced(together).map(([from, to]) => [
        Math.min(Math.max(from, second), second + 1),
        Math.min(Math.max(to, second), second + 1),
      ]),
    );
    expect(Math.abs(speech - spoken)).toBeLessThan(0.2);
  }
});

test.each(['pink', 'white', 'brown'])('speech is found 10 dB above %s noise, and nothing else', (colour) => {
  const speech = together.subarray(0, 10.5 * RATE);
  const said = voiced(speech);
  const noise = sound(`anoisesrc=c=${colour}:d=11:a=0.3:r=${RATE}:seed=5`);
  const loud = Float32Array.from(said.flatMap(([from, to]) => [...speech.subarray(from * RATE, to * RATE)]));
  const { readings } = hear([mix([speech, 0], [noise, power(loud) - 10 - power(noise)])]);
  const found = readings.flatMap(({ patient: { spoken } }) => spoken);
  for (const one of said) expect(both([one], found)).toBeGreaterThan(0.6 * total([one]));
  expect(total(found) - both(said, found)).toBeLessThan(0.2);
});

/** Seconds that are in both. */
function both(one: readonly Stretch[], other: readonly Stretch[]): number {
  return total(one) + total(other) - total(union(one, other));
}

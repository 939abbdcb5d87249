import { describe, expect, test } from 'vitest';
import type { ChannelReading, SoundReading } from './readings.ts';
import { SoundEvidence } from './sound-evidence.ts';
import type { Stretch } from './speech-stretches.ts';

const clip = ([from, to]: Stretch, low: number, high: number) =>
  Math.max(0, Math.min(to, high) - Math.max(from, low));

/** What a microphone tells of a time, when these are the stretches of its speech. */
function channel(stretches: readonly Stretch[], from: number, to: number, raised = false): ChannelReading {
  const speech = stretches.reduce((sum, stretch) => sum + clip(stretch, from, to), 0) / (to - from);
  const spoken = stretches.filter(([, end]) => end > from && end <= to);
  const voiced = speech > 0.5;
  return {
    speech,
    spoken,
    level: voiced ? -20 : -60,
    pitch: voiced ? 150 : null,
    effort: voiced ? -8 : null,
    above: voiced && raised,
  };
}

interface Given {
  patient?: Stretch[];
  receptionist?: Stretch[] | null;
  raised?: Stretch;
  seconds?: number;
  from?: number;
  more?: (from: number) => Partial<SoundReading>;
}

function feed(evidence: SoundEvidence, given: Given = {}): SoundEvidence {
  const { patient = [], receptionist = null, raised = [0, 0], seconds = 10, from: start = 0, more } = given;
  for (let n = start * 4; n < (start + seconds) * 4; n++) {
    const [from, to] = [n / 4, (n + 1) / 4];
    evidence.add({
      from,
      to,
      patient: channel(patient, from, to, from >= raised[0] && to <= raised[1]),
      receptionist: receptionist === null ? null : channel(receptionist, from, to),
      voice: null,
      phrases: [],
      ...more?.(from),
    });
  }
  return evidence;
}

const mono = () => new SoundEvidence({ stereo: false, phrases: null });
const stereo = () => new SoundEvidence({ stereo: true, phrases: null });

describe('one microphone', () => {
  test('speech, silence, level and what cannot be told', () => {
    const patient: Stretch[] = [
      [1.1, 3.4],
      [6, 8.2],
    ];
    const summary = feed(mono(), { patient }).summary();
    expect(summary).toMatchObject({
      heard: 10,
      level: -20,
      raised: 0,
      conversation: 'not available',
      dropped: 0,
    });
    expect(summary.speech).toBeCloseTo(0.45, 9);
    expect(summary.longestSilence).toBeCloseTo(2.6, 9);
    expect(summary.voice).toBeNull();
    expect(summary.phrases).toBeNull();
  });

  test('silence before the first word and after the last one is silence', () => {
    expect(feed(mono(), { patient: [[7, 9]] }).summary().longestSilence).toBeCloseTo(7, 9);
    expect(feed(mono(), { patient: [[1, 2]] }).summary().longestSilence).toBeCloseTo(8, 9);
    expect(feed(mono()).summary()).toMatchObject({ speech: 0, longestSilence: 10, level: null });
    expect(mono().summary()).toMatchObject({ heard: 0, speech: 0, longestSilence: 0 });
  });

  test('who is still speaking when it is asked has spoken', () => {
    const summary = feed(mono(), { patient: [[6.1, 99]] }).summary();
    expect(summary.speech).toBeCloseTo(0.39, 9);
    expect(summary.longestSilence).toBeCloseTo(6.1, 9);
  });

  test('being asked changes nothing', () => {
    const patient: Stretch[] = [[1.1, 3.4]];
    const asked = mono();
    for (let second = 0; second < 10; second++) {
      feed(asked, { patient, from: second, seconds: 1 });
      asked.summary();
      asked.bins();
    }
    expect(asked.summary()).toEqual(feed(mono(), { patient }).summary());
  });

  test('one bin a second', () => {
    const bins = feed(mono(), { patient: [[1.5, 5]], raised: [2, 4.5], seconds: 6.5 }).bins();
    expect(bins.map(({ speech }) => speech)).toEqual([0, 0.5, 1, 1, 1, 0, 0]);
    expect(bins.map(({ raised }) => raised)).toEqual([false, false, true, true, true, false, false]);
    expect(bins.map(({ level }) => Math.round(level))).toEqual([-60, -23, -20, -20, -20, -60, -60]);
    expect(bins.every(({ receptionist }) => receptionist === null)).toBe(true);
  });
});

test('a raised voice counts from two seconds on', () => {
  expect(feed(mono(), { patient: [[1, 9]], raised: [2, 3.75] }).summary().raised).toBe(0);
  expect(feed(mono(), { patient: [[1, 9]], raised: [2, 4.5] }).summary().raised).toBe(2.5);
});

test('two microphones: the conversation, and speech is that of anybody', () => {
  const evidence = feed(stereo(), { patient: [[1, 4]], receptionist: [[3, 6]] });
  expect(evidence.summary()).toMatchObject({
    speech: 0.5,
    longestSilence: 4,
    conversation: {
      patient: 0.3,
      receptionist: 0.3,
      overlap: 1,
      interruptions: { byPatient: 0, byReceptionist: 1 },
    },
  });
  expect(evidence.bins().map(({ receptionist }) => receptionist)).toEqual([0, 0, 0, 1, 1, 1, 0, 0, 0, 0]);
});

test('what was dropped is neither speech nor silence', () => {
  const evidence = feed(mono(), { patient: [[1, 2]], seconds: 3 });
  evidence.dropped(5);
  feed(evidence, { patient: [[9, 10]], from: 8, seconds: 3 });
  expect(evidence.summary()).toMatchObject({ heard: 6, dropped: 5, longestSilence: 1 });
  expect(evidence.summary().speech).toBeCloseTo(2 / 6, 9);
  expect(evidence.bins()).toHaveLength(11);
  expect(evidence.bins()[5]).toEqual({
    speech: 0,
    receptionist: null,
    level: -100,
    raised: false,
    voice: null,
    phrases: [],
  });
});

test.each([
  ['is still going on', 99, 4],
  ['has ended', 35, 3],
])('who speaks when nobody hears it any more, and again later: that %s', (_, end, spoken) => {
  const evidence = feed(stereo(), { patient: [[1, 99]], receptionist: [[2, 99]], seconds: 3 });
  feed(evidence, { patient: [[34, end]], receptionist: [[34, end]], from: 33, seconds: 3 });
  const { heard, speech, longestSilence, conversation } = evidence.summary();
  expect({ heard, longestSilence }).toEqual({ heard: 6, longestSilence: 1 });
  expect(speech).toBeCloseTo(spoken / 6, 9);
  expect(conversation).toMatchObject({
    patient: expect.closeTo(spoken / 6, 9),
    receptionist: expect.closeTo((spoken - 1) / 6, 9),
  });
});

test('phrases are counted, those too that were not heard', () => {
  const evidence = new SoundEvidence({ stereo: false, phrases: ['greeting', 'price'] });
  feed(evidence, { more: (from) => (from === 2 || from === 7.5 ? { phrases: ['greeting'] } : {}) });
  expect(evidence.summary().phrases).toEqual({ greeting: 2, price: 0 });
  expect(evidence.bins()[7]?.phrases).toEqual(['greeting']);
});

test('what a voice model says is averaged', () => {
  const said = [
    { negative: 1, neutral: 0, positive: 0 },
    { negative: 0, neutral: 0.5, positive: 0.5 },
  ];
  const evidence = feed(stereo(), { receptionist: [], more: (from) => ({ voice: said[from - 3] ?? null }) });
  expect(evidence.summary().voice).toEqual({ negative: 0.5, neutral: 0.25, positive: 0.25 });
  expect(evidence.bins()[4]?.voice).toEqual(said[1]);
  expect(evidence.bins()[5]?.voice).toBeNull();
});

import { expect, test } from 'vitest';
import type { FaceState, Untold, Valence } from '../../models/readings.ts';
import type { Label } from './confusion.ts';
import { answerOf, type ScoredFile } from './scored-file.ts';
import { type Given, summaryLines, summaryOf } from './summary.ts';

const common = { models: [], thresholds: {} };

function picture(file: string, shows: Valence | Untold): ScoredFile {
  const face = { ...common, kind: 'picture', shows, others: 0 } as const;
  return { file, kind: 'picture', duration: null, face, sound: null, hint: null };
}

function video(file: string, verdict: FaceState, duration: number, suspected = false): ScoredFile {
  const means = { negative: null, neutral: null, positive: null, held: { negative: 0, positive: 0 } };
  const counts = { looked: 0, scored: 0, coverage: 0, untold: {}, others: 0, dropped: 0 };
  const face = { ...common, kind: 'face', summary: { ...means, ...counts, verdict }, bins: [] } as const;
  const hint = { kind: suspected ? ('suspected-negative' as const) : null, priority: 0, reasons: [] };
  return { file, kind: 'video', duration, face, sound: null, hint };
}

function sound(file: string, voice: Valence | null): ScoredFile {
  const facts = { heard: 2, speech: 0, longestSilence: 2, level: null, raised: 0, phrases: null, dropped: 0 };
  const summary = { ...facts, conversation: 'not available', voice } as const;
  const hint = { kind: null, priority: 0, reasons: [] };
  return {
    file,
    kind: 'sound',
    duration: 2,
    face: null,
    sound: { ...common, kind: 'sound', summary, bins: [] },
    hint,
  };
}

const SAD = { negative: 0.5, neutral: 0.3, positive: 0.2 };
const GLAD = { negative: 0.2, neutral: 0.3, positive: 0.5 };
const CALM = { negative: 0.4, neutral: 0.4, positive: 0.2 };

test.each([
  [picture('a', SAD), 'negative'],
  [picture('a', GLAD), 'positive'],
  // Nothing speaks for negative more than for neutral.
  [picture('a', CALM), 'neutral'],
  [picture('a', 'bent'), 'unknown'],
  [video('a', 'negative', 1), 'negative'],
  [video('a', 'unknown', 1), 'unknown'],
  [sound('a', null), 'unknown'],
  [sound('a', SAD), 'negative'],
])('an answer: %#', (scored, answer) => expect(answerOf(scored)).toBe(answer));

const GIVEN: Given[] = [
  { path: '/a', scored: picture('a.jpg', GLAD) },
  { path: '/b', scored: video('b.mp4', 'neutral', 1.5, true) },
  { path: '/c', scored: sound('c.wav', null) },
  { path: '/d', scored: null },
];
const labelled = (name: string, label: Label) => ({ name, label });
const LABELLED = new Map([
  ['/a', labelled('a.jpg', 'positive')],
  ['/b', labelled('b.mp4', 'negative')],
  ['/d', labelled('d.mp4', 'neutral')],
  ['/e', labelled('e.mp4', 'neutral')],
]);

test('files are counted, and compared with their labels where both are there', () => {
  const summary = summaryOf(GIVEN, LABELLED);
  expect(summary).toMatchObject({
    files: { picture: 1, video: 1, sound: 1, failed: 1 },
    duration: 3.5,
    answers: { negative: 0, neutral: 1, positive: 1, unknown: 1 },
    suspectedNegative: 1,
    labels: {
      matrix: { positive: { positive: 1 }, negative: { neutral: 1 }, neutral: { neutral: 0, unknown: 0 } },
      accuracy: 0.5,
      unlabelled: ['c.wav'],
      unscored: ['d.mp4', 'e.mp4'],
    },
  });
  expect(summaryOf(GIVEN, null).labels).toBeNull();
});

test('as a text', () => {
  expect(summaryLines(summaryOf(GIVEN, LABELLED))).toEqual([
    '',
    'scored   pictures 1, videos 1, sound files 1 (4 s); not readable 1',
    'answers  0 negative, 1 neutral, 1 positive, 1 unknown',
    'hints    1 suspected-negative',
    '',
    'label     negative  neutral positive  unknown precision   recall       F1',
    'negative         0        1        0        0        –    0.000    0.000',
    'neutral          0        0        0        0    0.000        –        –',
    'positive         0        0        1        0    1.000    1.000    1.000',
    '',
    'macro-F1 0.500   accuracy 0.500   unknown 0.000',
    'has no label: c.wav',
    'has a label and was not scored: d.mp4',
    'has a label and was not scored: e.mp4',
  ]);
});

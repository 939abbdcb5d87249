import type { ContactRecord } from '../../device/store/records.ts';
import { contact, noClip, readyClip, score } from './contacts.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

/** The last hours before `now` (ms since 1970) at three desks, with everything that the page has a word for. */
export function busyDay(now: number): ContactRecord[] {
  const ago = (minutes: number) => now - minutes * MINUTE;
  const video = (id: string) => readyClip(id, { duration: 24_000, preRoll: 3_000 });
  const sound = (id: string) =>
    readyClip(id, { file: `2026-01-05/${id}.m4a`, mediaType: 'audio/mp4', duration: 20_000, preRoll: 2_000 });

  return [
    contact('open', now - 48 * SECOND, {
      ...{ state: 'open', endedAt: null, duration: null, endReason: null, served: false },
    }),
    contact('grace', now - 3 * MINUTE, {
      desk: 'admission',
      state: 'ended',
      duration: 171 * SECOND,
      pressed: [[168, 5]],
    }),
    contact('complaint', ago(9), {
      duration: 19 * SECOND,
      pressed: [
        [12, 3],
        [15, 1],
        [17, 1, 'repeat'],
      ],
      clip: video('complaint'),
      scores: [score('complaint', 0.46, 0.41, 0.13)],
    }),
    contact('praise', ago(17), {
      duration: 124 * SECOND,
      pressed: [[118, 5]],
      clip: video('praise'),
      scores: [score('praise', 0.06, 0.52, 0.42)],
    }),
    contact('by-ear', ago(24), {
      desk: 'cashier',
      duration: 16 * SECOND,
      pressed: [[14, 3]],
      clip: sound('by-ear'),
    }),
    contact('passer-by', ago(31), { duration: 6 * SECOND, served: false }),
    contact('failed', ago(38), {
      ...{ desk: 'admission', duration: 203 * SECOND, pressed: [[199, 5]] },
      clip: noClip('failed', 'failed', 'nothing was captured during this contact.'),
    }),
    contact('reviewed', ago(47), {
      ...{ duration: 305 * SECOND, tag: 'negative', tagSource: 'reviewer' },
      clip: video('reviewed'),
    }),
    contact('sensor', ago(58), {
      desk: 'cashier',
      endReason: 'sensor-lost',
      duration: 88 * SECOND,
      clip: sound('sensor'),
    }),
    contact('erased', ago(66), {
      duration: 142 * SECOND,
      pressed: [[140, 5]],
      clip: noClip('erased', 'deleted', 'space'),
    }),
    contact('stuck', ago(140), { desk: 'cashier', endReason: 'overlong', duration: 60 * MINUTE }),
    contact('mashed', ago(151), {
      duration: 34 * SECOND,
      pressed: [
        [20, 1],
        [21, 5, 'mashing'],
        [22, 1, 'mashing'],
      ],
      clip: video('mashed'),
    }),
    contact('outage', ago(163), {
      desk: 'admission',
      endReason: 'power-loss',
      duration: 77 * SECOND,
      clock: 'untrusted',
    }),
    contact('early', ago(171), {
      duration: 96 * SECOND,
      clock: 'corrected',
      pressed: [[90, 5]],
      clip: video('early'),
    }),
  ];
}

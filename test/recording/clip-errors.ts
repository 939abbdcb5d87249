import { type ClipTimes, zeroByBeeps } from '../stand-ins/clip-times.ts';
import type { RecordedContact } from './shift.ts';

/** How far a clip is from what was asked for. Milliseconds; positive: late. */
export interface ClipErrors {
  readonly id: string;
  /** Of the contact. */
  readonly lasts: number;
  /** Its first moment against arrival − pre-roll, its last picture (or the end of its sound) against departure + post-roll. */
  readonly start: number;
  readonly end: number;
  /** By how much later than others its first picture came out of the camera. */
  readonly late: number;
  /** Where its sound ends, against departure + post-roll. */
  readonly soundEnd: number | null;
  /** Sound against pictures: the middle one of the beeps, the earliest and the latest. */
  readonly lag: { readonly median: number; readonly min: number; readonly max: number } | null;
  /** By how much the manifest is wrong at worst, about where it begins and where it ends. */
  readonly toldStart: number;
  readonly toldEnd: number;
  readonly times: ClipTimes;
}

/** Holds a clip against its contact, by the time in its pictures; where it has none, by its beeps. */
export function clipErrors(
  { id, startedAt, endedAt, clip }: RecordedContact,
  times: ClipTimes,
  rolls: { preRoll: number; postRoll: number },
): ClipErrors {
  const { manifest } = clip;
  const from = startedAt.wall - rolls.preRoll;
  const to = endedAt.wall + rolls.postRoll;
  const zero = times.zero ?? zeroByBeeps(times.beeps, startedAt.wall - manifest.preRoll);
  const soundEnd = times.beeps.length > 0 ? zero + times.sound : null;
  const first = times.first ?? zero + times.soundFrom;
  const last = times.last ?? soundEnd ?? Number.NaN;
  // As their stamps have it, by which the manifest goes.
  const [stamped, ends] = [first + times.firstLate, Math.max(last + times.lastLate, soundEnd ?? 0)];
  const wrong = (told: number, is: number) => Math.abs(told - is);
  return {
    id,
    lasts: endedAt.mono - startedAt.mono,
    start: first - from,
    end: last - to,
    soundEnd: soundEnd && soundEnd - to,
    lag: times.lag,
    late: times.firstLate,
    toldStart: Math.max(
      wrong(manifest.startError, stamped - from),
      wrong(manifest.preRoll, startedAt.wall - stamped),
    ),
    toldEnd: Math.max(
      wrong(manifest.endError, ends - to),
      wrong(clip.duration, manifest.preRoll + (endedAt.mono - startedAt.mono) + manifest.postRoll),
      wrong(clip.duration, times.length),
    ),
    times,
  };
}

/** The errors as lines of a table, the worst of each below. */
export function errorTable(rows: readonly ClipErrors[]): string {
  const lines = rows.map(({ id, lasts, start, late, end, soundEnd, lag, toldStart, toldEnd, times }) => [
    id,
    (lasts / 1000).toFixed(1),
    ms(start),
    ms(late),
    ms(end),
    ms(soundEnd),
    lag ? `${ms(lag.median)} (${ms(lag.min)} … ${ms(lag.max)})` : '–',
    ms(toldStart),
    ms(toldEnd),
    `${times.frames}`,
    `${times.unreadable + times.complaints.length}`,
    `${times.hidden}`,
  ]);
  const range = (pick: (row: ClipErrors) => number | null | undefined) => {
    const values = rows.map((row) => pick(row) ?? null).filter((value) => value !== null);
    return values.length === 0 ? '–' : `${ms(Math.min(...values))} … ${ms(Math.max(...values))}`;
  };
  const table = [
    [
      'contact',
      's',
      'start',
      'camera late',
      'end',
      'sound end',
      'sound late',
      'told start',
      'told end',
      'frames',
      'bad',
      'hidden',
    ],
    ...lines,
    [
      'worst',
      '',
      range(({ start }) => start),
      range(({ late }) => late),
      range(({ end }) => end),
      range(({ soundEnd }) => soundEnd),
      range(({ lag }) => lag?.median),
      range(({ toldStart }) => toldStart),
      range(({ toldEnd }) => toldEnd),
      '',
      '',
      '',
    ],
  ];
  const widths = table[0]?.map((_, n) => Math.max(...table.map((line) => line[n]?.length ?? 0))) ?? [];
  return table.map((line) => line.map((cell, n) => cell.padStart(widths[n] ?? 0)).join('  ')).join('\n');
}

function ms(value: number | null): string {
  return value === null ? '–' : value.toFixed(0);
}

import type { Tag } from '../../../contacts/model.ts';
import type { Axis, Layers, Span } from './layers.ts';
import type { timelineWords } from './timeline-words.ts';

type Word = keyof (typeof timelineWords)['en'];

/** A press on the clip's time. */
export interface PressMark {
  readonly id: string;
  /** ms of the clip. */
  readonly at: number;
  readonly rating: number | null;
  readonly tag: Tag;
}

/** One line of the table that says what the timeline shows. Times in ms of the clip. */
export interface Moment {
  readonly at: number;
  /** null: a moment, no stretch. */
  readonly until: number | null;
  readonly word: Word;
  readonly press: PressMark | null;
}

/** The presses of a contact on its clip's time. */
export function pressMarks(
  {
    presses,
    startedAt,
  }: {
    readonly presses: readonly { id: string; time: string; rating: number | null; tag: Tag }[];
    readonly startedAt: string;
  },
  axis: Axis,
): PressMark[] {
  return presses.map(({ id, time, rating, tag }) => ({
    ...{ id, rating, tag },
    at: Math.min(Math.max(0, axis.arrival + Date.parse(time) - Date.parse(startedAt)), axis.duration),
  }));
}

/** The press after `time`; after the last one, the first. null: nobody pressed. */
export function nextPress(presses: readonly PressMark[], time: number): PressMark | null {
  // A player is a little off what it was told.
  return presses.find(({ at }) => at > time + 250) ?? presses[0] ?? null;
}

/** Stretches that touch are one, whatever their share. */
function joined(spans: readonly Span[]): { from: number; to: number }[] {
  const whole: { from: number; to: number }[] = [];
  for (const { from, to } of spans) {
    const last = whole.at(-1);
    if (last?.to === from) last.to = to;
    else whole.push({ from, to });
  }
  return whole;
}

const FACES = {
  negative: 'moment.negative',
  positive: 'moment.positive',
  unknown: 'moment.unknown',
} as const satisfies Record<string, Word>;

/** All that the timeline shows, in the order of time. A neutral face is what is left. */
export function momentsOf(layers: Layers, presses: readonly PressMark[], axis: Axis): Moment[] {
  const moment = (at: number, word: Word, press: PressMark | null = null): Moment => ({
    ...{ at, until: null, word, press },
  });
  const stretch =
    (word: Word) =>
    (span: { from: number; to: number }): Moment => ({
      ...{ at: span.from, until: span.to, word, press: null },
    });
  const { speech, overlaps, raised, face, gaps } = layers;
  return [
    ...(axis.arrival >= 0 ? [moment(axis.arrival, 'arrival')] : []),
    ...(axis.departure !== null && axis.departure <= axis.duration
      ? [moment(axis.departure, 'departure')]
      : []),
    ...presses.map((press) => moment(press.at, 'press', press)),
    ...raised.map(stretch('moment.raised')),
    ...overlaps.map(stretch('moment.overlap')),
    ...(face?.states ?? []).flatMap((span) =>
      span.what === 'neutral' ? [] : [stretch(FACES[span.what])(span)],
    ),
    ...joined(speech?.patient ?? []).map(stretch('moment.speech')),
    ...joined(speech?.receptionist ?? []).map(stretch('moment.receptionist')),
    ...gaps.map((gap) => stretch(`moment.gap.${gap.what}`)(gap)),
  ].sort((a, b) => a.at - b.at);
}

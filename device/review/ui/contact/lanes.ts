import type { Waveform } from '../../clips/schema.ts';
import type { Layers } from './layers.ts';
import type { timelineWords } from './timeline-words.ts';

/** A strip of the timeline under its name, from `y` down, in CSS pixels. */
export interface Lane {
  readonly id: string;
  readonly word: keyof (typeof timelineWords)['en'];
  readonly y: number;
  readonly height: number;
}

/** Room for the marks of the presses. */
export const PRESSES = 28;
const GAP = 4;

/** The strips that a contact has, from above to below. */
export function lanesOf(layers: Layers, waveform: Waveform | null): { lanes: Lane[]; height: number } {
  const channels = waveform?.channels ?? [];
  const two = layers.speech?.receptionist != null;
  const wanted: Omit<Lane, 'y'>[] = [
    ...channels.map(({ name }) => ({
      ...{ id: `wave-${name}`, word: `wave.${name}` as const, height: channels.length > 1 ? 30 : 44 },
    })),
    ...(layers.speech
      ? [{ id: 'speech', word: two ? ('speechPatient' as const) : ('speech' as const), height: 16 }]
      : []),
    ...(two ? [{ id: 'receptionist', word: 'speechReceptionist' as const, height: 16 }] : []),
    ...(layers.face ? [{ id: 'face', word: 'face' as const, height: 46 }] : []),
  ];
  let y = PRESSES;
  const lanes = wanted.map((lane) => {
    const placed = { ...lane, y };
    y += lane.height + GAP;
    return placed;
  });
  // A clip of which nothing is known still has a line to click on.
  return { lanes, height: Math.max(y, PRESSES + 24) };
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200];

/** Where the time is written: ms after the arrival, about every 70 pixels. */
export function ticksOf(duration: number, arrival: number, width: number): number[] {
  if (width <= 0 || duration <= 0) return [];
  const least = (duration / 1000) * (70 / width);
  const step = (STEPS.find((seconds) => seconds >= least) ?? 3600) * 1000;
  const ticks: number[] = [];
  const first = Math.ceil(-arrival / step) * step;
  // `|| 0`: there is a −0.
  for (let at = first; at <= duration - arrival; at += step) ticks.push(at || 0);
  return ticks;
}

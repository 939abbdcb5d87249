import type { Tag } from '../../device/contacts/model.ts';
import type { Scene } from './actor.ts';

/** A scene, and what must be said of it afterwards. */
export interface Played extends Scene {
  tag: Tag;
  rating: number | null;
  /** Too short to count as served. */
  unserved?: true;
  /** Passed by: no contact. */
  none?: true;
  /** Presses as they must arrive, in order: the button, and its flags. */
  heard?: readonly string[];
  /** Presses that belong to nobody. */
  stray?: readonly string[];
}

const UNRATED = { tag: 'unrated', rating: null } as const;
const HAPPY = { tag: 'positive', rating: 5 } as const;
const SOSO = { tag: 'neutral', rating: 3 } as const;
const UNHAPPY = { tag: 'negative', rating: 1 } as const;
const presses = (button: string, at: number) => ({ presses: [{ button, at }], heard: [button] });

/**
 * A day in short: 23 contacts and somebody who passes by. A gap of a second is back to back, as a departure is
 * believed after 0.8 s. Never five presses within ten seconds: that would be somebody playing with the buttons.
 */
export const DAY: readonly Played[] = [
  { stay: 2_500, gap: 2_000, ...presses('happy', 1_500), ...HAPPY },
  { stay: 2_000, gap: 1_500, ...UNRATED },
  { stay: 3_000, gap: 1_500, ...presses('unhappy', 2_000), ...UNHAPPY },
  // Three patients back to back after this one.
  { stay: 2_000, gap: 1_000, ...presses('soso', 1_000), ...SOSO },
  { stay: 1_800, gap: 1_000, ...UNRATED },
  { stay: 2_200, gap: 1_000, ...presses('happy', 1_000), ...HAPPY },
  { stay: 1_600, gap: 2_000, ...UNRATED },
  // Turns round and presses 1.5 s after leaving: within the grace time.
  { stay: 2_000, gap: 3_000, ...presses('happy', 3_500), ...HAPPY },
  // Somebody crosses the sensor's field: not a contact.
  { stay: 150, gap: 1_500, none: true, ...UNRATED },
  // Presses twice: once.
  {
    ...{ stay: 2_400, gap: 1_500, ...UNHAPPY },
    presses: [
      { button: 'unhappy', at: 1_000 },
      { button: 'unhappy', at: 1_400 },
    ],
    heard: ['unhappy', 'unhappy repeat'],
  },
  // Nobody is there when, 3.5 s after the departure, somebody presses.
  {
    ...{ stay: 1_500, gap: 5_000, ...UNRATED },
    presses: [{ button: 'unhappy', at: 5_000 }],
    stray: ['unhappy nobody-there'],
  },
  // Changes their mind: the last press counts.
  {
    ...{ stay: 4_000, gap: 1_500, ...UNHAPPY },
    presses: [
      { button: 'happy', at: 1_000 },
      { button: 'unhappy', at: 3_000 },
    ],
    heard: ['happy', 'unhappy'],
  },
  // A question in passing.
  { stay: 700, gap: 1_500, unserved: true, ...UNRATED },
  // The sensor loses the patient for less than a departure takes.
  { stay: 3_000, gap: 1_500, unseen: { at: 1_200, length: 400 }, ...UNRATED },
  // A button that the config does not name says nothing.
  {
    stay: 2_000,
    gap: 1_500,
    presses: [{ button: 'green', at: 800 }],
    heard: ['green unknown-button'],
    ...UNRATED,
  },
  { stay: 2_000, gap: 1_500, ...presses('soso', 1_500), ...SOSO },
  { stay: 1_500, gap: 1_500, ...UNRATED },
  { stay: 2_500, gap: 1_500, ...presses('unhappy', 500), ...UNHAPPY },
  { stay: 1_500, gap: 1_500, ...UNRATED },
  { stay: 2_200, gap: 1_500, ...presses('happy', 2_000), ...HAPPY },
  // Presses while arriving, before the arrival is believed.
  { stay: 1_800, gap: 1_500, ...presses('happy', 150), ...HAPPY },
  { stay: 1_500, gap: 1_500, ...UNRATED },
  { stay: 2_000, gap: 1_500, ...presses('happy', 1_000), ...HAPPY },
  { stay: 3_500, gap: 3_500, ...UNRATED },
];

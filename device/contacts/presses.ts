import type { Instant, Press, PressFlag, Settings } from './model.ts';

/** This many presses at a desk within `MASHING_WITHIN` ms are somebody playing with the buttons. */
const MASHING_COUNT = 5;
const MASHING_WITHIN = 10_000;

/** A press as it came in, before it is known whom it belongs to. */
export interface RawPress {
  readonly id: string;
  readonly button: string;
  readonly at: Instant;
}

/** The latest presses of a desk, oldest first: enough to tell repeats and mashing. */
export type RecentPresses = readonly Press[];

/** The press with its contact (null: none), its rating and its flags. */
export function attribute(
  raw: RawPress,
  contactId: string | null,
  recent: RecentPresses,
  settings: Settings,
): Press {
  const button = Object.hasOwn(settings.buttons, raw.button) ? settings.buttons[raw.button] : undefined;
  const before = recent.at(-1);
  const flags: PressFlag[] = [];
  if (contactId === null) flags.push('nobody-there');
  if (!button) flags.push('unknown-button');
  if (
    before?.button === raw.button &&
    before.contactId === contactId &&
    raw.at.mono - before.at.mono < settings.pressRepeat
  )
    flags.push('repeat');
  if (recent.filter((press) => raw.at.mono - press.at.mono < MASHING_WITHIN).length >= MASHING_COUNT - 1)
    flags.push('mashing');
  return {
    ...raw,
    contactId,
    rating: button?.rating ?? null,
    tag: button?.tag ?? 'unrated',
    top: button?.top ?? false,
    flags,
  };
}

/** A repeat is one with the press before it, and an unknown button says nothing; every other press of a contact counts, the last one last. */
export function counts(press: Press): boolean {
  return press.contactId !== null && press.rating !== null && !press.flags.includes('repeat');
}

/** `recent` with `press` added, bounded. */
export function remember(recent: RecentPresses, press: Press): RecentPresses {
  return [...recent, press].slice(-MASHING_COUNT);
}

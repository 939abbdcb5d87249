import { systemClock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import type { FinishedClip } from '../../device/recording/manifest.ts';
import type { Recorder } from '../../device/recording/recorder.ts';
import { sleep } from './rig.ts';

/** A contact to come: how long (ms) after the one before, and how long it lasts. */
export interface DrawnContact {
  readonly after: number;
  readonly lasts: number;
}

/** A contact that has been. */
export interface RecordedContact {
  readonly id: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant;
  readonly clip: FinishedClip;
}

const SHORTEST = 2_000;
const LONGEST = 40_000;
/** An arrival is known so long (ms) after it. */
const ARRIVAL_CONFIRM = 400;

/**
 * Contacts of 2 to 40 s, the short as likely as the long, for a shift of `length` ms. Half of them come as soon as the
 * departure before is known (`confirm` ms), so that their pre-rolls overlap.
 */
export function drawContacts(length: number, confirm: number, random: () => number): DrawnContact[] {
  const contacts: DrawnContact[] = [];
  for (let left = length; ; ) {
    const after = confirm + 200 + (random() < 0.5 ? 0 : random() * 3_000);
    const lasts = SHORTEST * (LONGEST / SHORTEST) ** random();
    left -= after + lasts;
    if (left < 0) return contacts;
    contacts.push({ after, lasts });
  }
}

/** Lets the contacts happen at a desk, told as late as a desk tells them; resolves when the last has its clip. */
export async function workShift(
  desk: string,
  recorder: Recorder,
  { contacts, confirm }: { contacts: readonly DrawnContact[]; confirm: number },
  onClip: (contact: RecordedContact) => Promise<void>,
): Promise<void> {
  const clips: Promise<void>[] = [];
  for (const [n, { after, lasts }] of contacts.entries()) {
    await sleep(after);
    const id = `${desk}-${n + 1}`;
    const startedAt = systemClock.now();
    await sleep(ARRIVAL_CONFIRM);
    recorder.begin(id, startedAt);
    await sleep(lasts - ARRIVAL_CONFIRM);
    const endedAt = systemClock.now();
    const told = sleep(confirm).then(() => recorder.end(id, endedAt));
    const done = told.then((clip) => onClip({ id, startedAt, endedAt, clip }));
    done.catch(() => {});
    clips.push(done);
  }
  await Promise.all(clips);
}

import { randomUUID } from 'node:crypto';
import { sampled } from '../../device/contacts/keeping.ts';
import type { ScoredContact } from '../../device/store/records.ts';
import type { Store } from '../../device/store/store.ts';
import { act, at, readyClip } from '../stand-ins/stored-desk.ts';

/** An id that chance puts into the sample, or none that it does. */
export function chosenId(chosen: boolean): string {
  for (;;) {
    const id = randomUUID();
    if (sampled(id, 0.1) === chosen) return id;
  }
}

export interface StayAbout {
  readonly id?: string;
  readonly desk?: string;
  readonly receptionist?: string;
  /** Seconds of the stay after which a button is pressed. */
  readonly press?: 'happy' | 'unhappy';
  readonly priority?: number;
  readonly clip?: boolean;
  readonly veto?: boolean;
  /** Ends before the time for presses is over: the contact is not settled. */
  readonly open?: boolean;
}

/** A patient at a desk, of `seconds` after `from` (s, as `at` counts), through the domain into the store. Returns the contact's id. */
export function stay(store: Store, from: number, about: StayAbout = {}, seconds = 20): string {
  const { id = chosenId(false), desk = 'front', priority, clip = true } = about;
  const scored = priority === undefined ? [] : [hinted(id, priority)];
  const more = { desk, scored };
  // Who is there already would go.
  if (about.receptionist && store.deskState(desk)?.receptionist !== about.receptionist) {
    const shift = {
      id: randomUUID(),
      kind: 'shift',
      receptionist: about.receptionist,
      at: at(from),
    } as const;
    act(store, shift, more);
  }
  act(store, { id, kind: 'presence', present: true, at: at(from) }, more);
  act(store, { kind: 'wake', at: at(from + 2) }, more);
  if (about.press) {
    const press = { id: randomUUID(), kind: 'press', button: about.press, at: at(from + 10) } as const;
    act(store, press, more);
  }
  if (about.veto) act(store, { id: randomUUID(), kind: 'veto', at: at(from + 12) }, more);
  act(store, { id: randomUUID(), kind: 'presence', present: false, at: at(from + seconds) }, more);
  act(store, { kind: 'wake', at: at(from + seconds + 2.5) }, more);
  if (clip) store.addClip(desk, readyClip(id), at(from).wall);
  if (!about.open) act(store, { kind: 'wake', at: at(from + seconds + 8) }, more);
  return id;
}

/** What models said of a contact in which a face was negative for a second, and a voice was raised. */
function hinted(contactId: string, priority: number): ScoredContact {
  const valence = { negative: 0.8, neutral: 0.2, positive: 0 };
  const common = { models: [{ id: 'net', version: '1', licence: 'MIT' }], thresholds: { hold: 2 }, from: 0 };
  return {
    contactId,
    scores: [
      {
        ...{ ...common, kind: 'face' },
        summary: {
          ...{ looked: 9, scored: 9, coverage: 1, negative: 0.8, neutral: 0.2, positive: 0 },
          ...{ held: { negative: 9, positive: 0 }, verdict: 'negative', untold: {}, others: 0, dropped: 0 },
        },
        bins: [
          { valence, state: 'negative', untold: null },
          { valence: null, state: 'unknown', untold: 'turned' },
        ],
      },
    ],
    hint: { kind: 'suspected-negative', priority, reasons: ['the face looked negative for 9 s'] },
  };
}

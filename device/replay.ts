import type { Contact, Press, Settings } from './contacts/model.ts';
import { type DeskState, EMPTY_DESK, reduce } from './contacts/reduce.ts';
import type { RecordedEvent } from './store/event-line.ts';

/** A contact as `contact-analyzer replay` prints it: one JSON object a line, in the order in which they settled; the fields are those of a contact's record. */
export interface ReplayedContact {
  desk: string;
  id: string;
  /** ISO 8601 UTC. */
  startedAt: string;
  /** null for a contact that the recording leaves open. */
  endedAt: string | null;
  /** Milliseconds. */
  duration: number | null;
  endReason: string | null;
  served: boolean;
  tag: string;
  rating: number | null;
  top: boolean;
  veto: boolean;
  receptionist: string | null;
  presses: { id: string; button: string; flags: readonly string[] }[];
}

/** The contacts that recorded events give under these settings. Events of several desks may be mixed. */
export function* replay(
  events: Iterable<RecordedEvent>,
  settingsOf: (desk: string) => Settings,
): Generator<ReplayedContact> {
  const states = new Map<string, DeskState>();
  const presses = new Map<string, Press[]>();
  for (const { desk, event } of events) {
    const [state, effects] = reduce(settingsOf(desk), states.get(desk) ?? EMPTY_DESK, event);
    states.set(desk, state);
    for (const effect of effects) {
      if (effect.kind === 'pressed' && effect.press.contactId) {
        const { contactId } = effect.press;
        presses.set(contactId, [...(presses.get(contactId) ?? []), effect.press]);
      }
      if (effect.kind !== 'contact-settled') continue;
      yield replayed(desk, effect.contact, presses);
    }
  }
  // A recording that stops before the grace time is over still tells of its last contacts.
  for (const [desk, { ended, open }] of states)
    for (const contact of [ended, open]) if (contact) yield replayed(desk, contact, presses);
}

function replayed(desk: string, contact: Contact, presses: Map<string, Press[]>): ReplayedContact {
  const own = presses.get(contact.id) ?? [];
  presses.delete(contact.id);
  return {
    desk,
    id: contact.id,
    startedAt: new Date(contact.startedAt.wall).toISOString(),
    endedAt: contact.endedAt && new Date(contact.endedAt.wall).toISOString(),
    duration: contact.duration === null ? null : Math.round(contact.duration),
    endReason: contact.endReason,
    served: contact.served,
    tag: contact.tag,
    rating: contact.rating,
    top: contact.top,
    veto: contact.veto,
    receptionist: contact.receptionist,
    presses: own.map(({ id, button, flags }) => ({ id, button, flags })),
  };
}

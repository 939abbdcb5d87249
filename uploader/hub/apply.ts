import type { EventData } from '../messages.ts';
import { arrivedWith, type Incoming, type Rejected, sequenceOf } from './incoming.ts';
import { type Arrived, arrive, missing, NOTHING, type Range } from './sequences.ts';

/** What is known of one store of a device: its row of the table `devices`. */
export interface Standing {
  readonly device: string;
  readonly store: string;
  readonly arrived: Arrived;
  readonly session: number | null;
  readonly state: string | null;
  readonly since: string | null;
}

/** Where in the order of events a row comes from: of one store, the higher sequence is the newer. */
interface Place {
  readonly device: string;
  readonly store: string;
  readonly sequence: number;
}

type ContactData = EventData['contact.closed'];
export type ContactRow = Place & { readonly record: ContactData };
export type ReviewRow = Place & { readonly record: EventData['contact.reviewed'] };
export type PressRow = Place & { readonly record: EventData['press'] };
export type ClipRow = Place & {
  readonly contact_id: string;
  readonly kind: string;
  readonly record: unknown;
};
export type AlertRow = Place & {
  readonly contact_id: string | null;
  readonly time: string;
} & EventData['alert'];
export interface ErasedRow {
  readonly device: string;
  readonly contact_id: string;
  readonly desk: string;
  readonly time: string;
  readonly object: string | null;
  readonly actor: string;
}
export type DroppedRow = Place & { readonly first: number } & Omit<EventData['outbox.dropped'], 'from'>;
export type HoleRow = Omit<Place, 'sequence'> & { readonly first: number; readonly last: number };

/** What a batch means for the tables; of each contact, review, press and clip the newest only. */
export interface Changes {
  readonly standings: Standing[];
  readonly contacts: ContactRow[];
  readonly reviews: ReviewRow[];
  readonly presses: PressRow[];
  readonly clips: ClipRow[];
  readonly alerts: AlertRow[];
  readonly erased: ErasedRow[];
  readonly dropped: DroppedRow[];
  readonly holes: HoleRow[];
  readonly rejected: Rejected[];
}

/**
 * What `batch` means for the tables, where `standings` is what stands there. Each event means the same whenever it
 * comes and however often: what is written is told from its own sequence, never from the order of arrival.
 */
export function changesOf(batch: readonly Incoming[], standings: readonly Standing[]): Changes {
  const rows = {
    contacts: newest<ContactRow>(),
    reviews: newest<ReviewRow>(),
    presses: newest<PressRow>(),
    clips: newest<ClipRow>(),
  };
  const changes: Changes = {
    standings: [],
    contacts: [],
    reviews: [],
    presses: [],
    clips: [],
    alerts: [],
    erased: [],
    dropped: [],
    holes: [],
    rejected: [],
  };
  for (const message of batch) {
    if (message.kind === 'rejected') changes.rejected.push(message);
    if (message.kind !== 'event') continue;
    const { device, store, event } = message;
    const place = { device, store, sequence: sequenceOf(event) };
    if (event.type === 'contact.started' || event.type === 'contact.closed') {
      rows.contacts.add(event.data.id, { ...place, record: event.data });
      // Their own events may have been dropped: the contact has them all.
      for (const record of event.data.presses) rows.presses.add(record.id, { ...place, record });
    } else if (event.type === 'contact.reviewed')
      rows.reviews.add(event.data.contactId, { ...place, record: event.data });
    else if (event.type === 'press') rows.presses.add(event.data.id, { ...place, record: event.data });
    else if (event.type === 'alert') {
      const { time, subject: contact_id = null } = event;
      changes.alerts.push({ ...place, contact_id, time, ...event.data });
    } else if (event.type === 'contact.erased') {
      const { contactId: contact_id, ...rest } = event.data;
      changes.erased.push({ device, contact_id, time: event.time, ...rest });
    } else if (event.type === 'outbox.dropped') {
      const { from: first, ...rest } = event.data;
      changes.dropped.push({ ...place, first, ...rest });
    } else {
      const { contactId: contact_id } = event.data;
      const kind = event.type.slice('clip.'.length);
      rows.clips.add(`${contact_id} ${kind}`, { ...place, contact_id, kind, record: event.data });
    }
  }
  for (const standing of standings) {
    const own = batch.filter(({ device, store }) => device === standing.device && store === standing.store);
    const come = own.map(arrivedWith).filter((range) => range !== null);
    const arrived = arrive(standing.arrived, come);
    const holes = holesOf(own, arrived);
    const { device, store } = standing;
    changes.holes.push(...holes.map(([first, last]) => ({ device, store, first, last })));
    changes.standings.push({ ...standing, ...stateAfter(own, standing), arrived: arrive(arrived, holes) });
  }
  return {
    ...changes,
    contacts: rows.contacts.all(),
    reviews: rows.reviews.all(),
    presses: rows.presses.all(),
    clips: rows.clips.all(),
  };
}

/** A store that nothing has been heard of. */
export function unknown(device: string, store: string): Standing {
  return { device, store, arrived: NOTHING, session: null, state: null, since: null };
}

/** A hole is what is missing now: the device may have said it before the last of these came. */
function holesOf(own: readonly Incoming[], arrived: Arrived): Range[] {
  let filled = arrived;
  const holes: Range[] = [];
  for (const message of own) {
    if (message.kind !== 'hole') continue;
    const gaps = missing(filled, message.range);
    holes.push(...gaps);
    filled = arrive(filled, gaps);
  }
  return holes;
}

/** The broker says `lost` in the device's name, and may say it late: that of an older session is void. */
function stateAfter(own: readonly Incoming[], before: Standing): Partial<Standing> {
  let after = before;
  for (const message of own) {
    if (message.kind !== 'state') continue;
    const { session, state, since } = message.state;
    if (session >= (after.session ?? 0)) after = { ...after, session, state, since };
  }
  const { session, state, since } = after;
  return { session, state, since };
}

/** Keeps the newest row of each key. Of two stores, whose sequences have nothing to do with each other, the later one. */
function newest<T extends Place>() {
  const rows = new Map<string, T>();
  return {
    add(id: string, row: T): void {
      const key = `${row.device} ${id}`;
      const known = rows.get(key);
      if (!known || known.store !== row.store || known.sequence <= row.sequence) rows.set(key, row);
    },
    all: () => [...rows.values()],
  };
}

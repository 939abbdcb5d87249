import { z } from 'zod';
import { type EventMessage, events, healthMessage, type StateMessage, stateMessage } from '../messages.ts';
import { store } from '../record-schemas.ts';
import type { Range } from './sequences.ts';

/** What comes in, read: each is of one store of one device. */
export type Incoming =
  | { readonly kind: 'event'; readonly device: string; readonly store: string; readonly event: EventMessage }
  | { readonly kind: 'state'; readonly device: string; readonly store: string; readonly state: StateMessage }
  | { readonly kind: 'health'; readonly device: string; readonly store: string; readonly newest: number }
  /** The device has said that what is missing of this range is gone. */
  | { readonly kind: 'hole'; readonly device: string; readonly store: string; readonly range: Range }
  | Rejected;

/** Does not fit. Where it can be told which event it is, it counts as arrived: nothing may wait for it for ever. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly device: string;
  readonly store: string | null;
  readonly sequence: number | null;
  readonly topic: string;
  readonly reason: string;
}

/** Nothing that is rejected is told at greater length; characters. */
const LONGEST = 500;

const numbered = z.object({
  store,
  sequence: z
    .string()
    .regex(/^\d{16}$/)
    .transform(Number)
    .pipe(z.int().min(1)),
});

/** Reads a message; `topic` is what stands below `ca/v1/<device>/`. */
export function read(device: string, topic: string, payload: Buffer): Incoming {
  const json = parsed(payload);
  const number = numbered.safeParse(json);
  const { store, sequence } = number.success ? number.data : { store: null, sequence: null };
  const rejected = (reason: string): Rejected => ({
    kind: 'rejected',
    device,
    store,
    sequence,
    topic: told(topic),
    reason: told(reason),
  });
  const read = topic === 'state' ? stateMessage : topic === 'health' ? healthMessage : eventOf(topic);
  if (read === null) return rejected('an event of an unknown type');
  if (json === undefined) return rejected('no JSON');
  const { success, data, error } = read.safeParse(json);
  if (!success) return rejected(z.prettifyError(error));
  if ('type' in data) {
    if (store === null || sequence === null) return rejected('its sequence is no sequence');
    const fault = impersonation(device, data) ?? (emptyDrop(data, sequence) ? 'it drops nothing' : null);
    return fault === null ? { kind: 'event', device, store, event: data } : rejected(fault);
  }
  if ('session' in data) return { kind: 'state', device, store: data.store, state: data };
  return { kind: 'health', device, store: data.store, newest: data.sequence };
}

export function sequenceOf(event: EventMessage): number {
  return Number(event.sequence);
}

/** What of its store has come with this message. */
export function arrivedWith(message: Incoming): Range | null {
  if (message.kind === 'rejected')
    return message.sequence === null ? null : [message.sequence, message.sequence];
  if (message.kind !== 'event') return null;
  const sequence = sequenceOf(message.event);
  return [message.event.type === 'outbox.dropped' ? message.event.data.from : sequence, sequence];
}

/** The newest event that there is, as far as this message tells; 0: it tells nothing. */
export function newestBy(message: Incoming): number {
  if (message.kind === 'state') return message.state.sequence;
  if (message.kind === 'health') return message.newest;
  return arrivedWith(message)?.[1] ?? 0;
}

function eventOf(topic: string): (typeof events)[keyof typeof events] | null {
  const type = topic.replace(/^events\//, '');
  return Object.hasOwn(events, type) ? events[type as keyof typeof events] : null;
}

/** The broker's access list vouches for the topic alone: a device speaks for itself only. */
function impersonation(device: string, event: EventMessage): string | null {
  if (!event.source.startsWith(`/ca/v1/${device}/`)) return 'its source is another device';
  if ('device' in event.data && event.data.device !== device) return 'its contact is of another device';
  return null;
}

function emptyDrop(event: EventMessage, sequence: number): boolean {
  return event.type === 'outbox.dropped' && (event.data.from < 1 || event.data.from > sequence);
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    // Rejected by who called, with no more than that: the parser's own words quote the payload.
    return undefined;
  }
}

/** As PostgreSQL takes it: no NUL, no half of a surrogate pair. */
function told(text: string): string {
  return text.replaceAll('\0', '').slice(0, LONGEST).toWellFormed();
}

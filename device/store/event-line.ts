import { z } from 'zod';
import type { DeskEvent, Instant } from '../contacts/model.ts';
import { CaError } from '../errors.ts';

/**
 * A recorded day: one JSON object a line, in the order in which it happened.
 *
 *   {"desk":"front","id":"…","kind":"presence","present":true,"time":"2026-01-05T08:00:01.250Z","mono":81250.4}
 *   {"desk":"front","id":"…","kind":"press","button":"happy","time":"…","mono":…}
 *   {"desk":"front","id":"…","kind":"veto","time":"…","mono":…}
 *   {"desk":"front","id":"…","kind":"shift","receptionist":"r-1","time":"…","mono":…}
 *   {"desk":"front","id":"…","kind":"sensor-lost","time":"…","mono":…}
 *   {"desk":"front","id":"…","kind":"start","time":"…","mono":…,"lastAlive":{"time":"…","mono":…}}
 *   {"desk":"front","id":"…","kind":"shutdown","time":"…","mono":…}
 *
 * `time` is the wall clock (UTC), `mono` the boot's monotonic clock in milliseconds: durations are told by `mono`.
 * `start` is a start of the service; `lastAlive` (or null) the last sign of life of the session before.
 */
export interface RecordedEvent {
  readonly desk: string;
  readonly event: DeskEvent;
}

const moment = { time: z.iso.datetime(), mono: z.number().nonnegative() };
const common = { desk: z.string().min(1), id: z.string().min(1), ...moment };
const line = z.discriminatedUnion('kind', [
  z.strictObject({ ...common, kind: z.literal('presence'), present: z.boolean() }),
  z.strictObject({ ...common, kind: z.literal('press'), button: z.string() }),
  z.strictObject({ ...common, kind: z.literal('veto') }),
  z.strictObject({ ...common, kind: z.literal('shift'), receptionist: z.string().min(1) }),
  z.strictObject({ ...common, kind: z.literal('sensor-lost') }),
  z.strictObject({ ...common, kind: z.literal('start'), lastAlive: z.strictObject(moment).nullable() }),
  z.strictObject({ ...common, kind: z.literal('shutdown') }),
]);

const instant = (m: { time: string; mono: number }): Instant => ({ mono: m.mono, wall: Date.parse(m.time) });
const moments = (at: Instant) => ({ time: new Date(at.wall).toISOString(), mono: at.mono });

/** One line, without its line feed. */
export function formatEvent({ desk, event }: RecordedEvent): string {
  const { at, ...rest } = event;
  const lastAlive = 'lastAlive' in rest && rest.lastAlive ? { lastAlive: moments(rest.lastAlive) } : {};
  return JSON.stringify({ desk, ...rest, ...moments(at), ...lastAlive });
}

/** The event of one line. `number` is its place in the file, from 1. @throws CaError CA_EVENTS_INVALID */
export function parseEvent(text: string, number: number): RecordedEvent {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CaError('CA_EVENTS_INVALID', `line ${number} is not JSON`, { cause });
  }
  const parsed = line.safeParse(json);
  if (!parsed.success)
    throw new CaError('CA_EVENTS_INVALID', `line ${number}: ${z.prettifyError(parsed.error)}`);
  const { desk, time, mono, ...rest } = parsed.data;
  const at = instant({ time, mono });
  if (rest.kind === 'start')
    return { desk, event: { ...rest, at, lastAlive: rest.lastAlive && instant(rest.lastAlive) } };
  return { desk, event: { ...rest, at } };
}

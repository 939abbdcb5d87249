import type { EndReason, Instant, Settings } from './model.ts';

/**
 * From raw edges of the sensor to confirmed stays. `id` is the id of the edge that began the stay.
 *
 *   absent ──true──▶ arriving ──held──▶ present ◀──true── leaving ──held──▶ absent
 *                                          │                ▲
 *                                     lost ▼ ──────false────┘      present ──too long──▶ stuck
 */
export type Presence =
  | { readonly phase: 'absent' }
  | { readonly phase: 'arriving'; readonly id: string; readonly since: Instant }
  | { readonly phase: 'present'; readonly id: string; readonly since: Instant }
  | { readonly phase: 'leaving'; readonly id: string; readonly since: Instant; readonly left: Instant }
  /** The sensor fell silent while somebody was there. */
  | { readonly phase: 'unsure'; readonly id: string; readonly since: Instant; readonly lost: Instant }
  /** Closed as overlong: no new contact before the sensor has confirmed a departure. `left`: it says so since then. */
  | { readonly phase: 'stuck'; readonly left: Instant | null };

/** What a change of presence means for the contacts. */
export type Stay =
  | { readonly kind: 'arrived'; readonly id: string; readonly since: Instant }
  /** An arrival that was not confirmed. */
  | { readonly kind: 'passed-by' }
  | {
      readonly kind: 'left';
      readonly id: string;
      readonly since: Instant;
      readonly until: Instant;
      readonly reason: EndReason;
    }
  | { readonly kind: 'stuck'; readonly since: Instant };

type Step = readonly [Presence, readonly Stay[]];

const ABSENT: Presence = { phase: 'absent' };

/** The moment `ms` after `at`, on both clocks. */
export function later(at: Instant, ms: number): Instant {
  return { mono: at.mono + ms, wall: at.wall + ms };
}

/** When the presence changes by itself if nothing else happens; null: never. */
export function presenceDeadline(presence: Presence, settings: Settings): Instant | null {
  switch (presence.phase) {
    case 'absent':
      return null;
    case 'arriving':
      return later(presence.since, settings.arrivalConfirm);
    case 'present':
      return later(presence.since, settings.contactMax);
    case 'leaving':
      return later(presence.left, settings.departureConfirm);
    case 'unsure': {
      const silent = later(presence.lost, settings.sensorLost);
      const overlong = later(presence.since, settings.contactMax);
      return silent.mono <= overlong.mono ? silent : overlong;
    }
    case 'stuck':
      return presence.left && later(presence.left, settings.departureConfirm);
  }
}

/** The change that `presenceDeadline` announced, at that moment. */
export function presenceDue(presence: Presence, settings: Settings, at: Instant): Step {
  switch (presence.phase) {
    case 'arriving':
      return [
        { ...presence, phase: 'present' },
        [{ kind: 'arrived', id: presence.id, since: presence.since }],
      ];
    case 'leaving':
      return [ABSENT, [left(presence, presence.left, 'departed')]];
    case 'unsure':
      if (at.mono >= presence.since.mono + settings.contactMax) return overlong(presence, at);
      return [ABSENT, [left(presence, presence.lost, 'sensor-lost')]];
    case 'present':
      return overlong(presence, at);
    case 'stuck':
    case 'absent':
      return [ABSENT, []];
  }
}

/** An edge of the sensor. */
export function presenceEdge(presence: Presence, present: boolean, id: string, at: Instant): Step {
  switch (presence.phase) {
    case 'absent':
      return present ? [{ phase: 'arriving', id, since: at }, []] : [presence, []];
    case 'arriving':
      return present ? [presence, []] : [ABSENT, [{ kind: 'passed-by' }]];
    case 'present':
    case 'unsure': {
      const { id, since } = presence;
      return [present ? { phase: 'present', id, since } : { phase: 'leaving', id, since, left: at }, []];
    }
    case 'leaving': {
      const { id, since } = presence;
      return [present ? { phase: 'present', id, since } : presence, []];
    }
    case 'stuck':
      if (present) return [{ phase: 'stuck', left: null }, []];
      return [presence.left ? presence : { phase: 'stuck', left: at }, []];
  }
}

/** The sensor can no longer be heard. A departure it had begun to tell is believed: nothing speaks against it. */
export function presenceLost(presence: Presence, at: Instant): Step {
  if (presence.phase === 'arriving') return [ABSENT, [{ kind: 'passed-by' }]];
  if (presence.phase !== 'present') return [presence, []];
  return [{ phase: 'unsure', id: presence.id, since: presence.since, lost: at }, []];
}

/** The service ends, or was ended: an open stay ends with it, no later than the sensor last vouched for it. */
export function presenceCut(presence: Presence, at: Instant, reason: 'shutdown' | 'power-loss'): Step {
  switch (presence.phase) {
    case 'absent':
    case 'stuck':
      return [ABSENT, []];
    case 'arriving':
      return [ABSENT, [{ kind: 'passed-by' }]];
    case 'present':
      return [ABSENT, [left(presence, at, reason)]];
    case 'leaving':
      return [ABSENT, [left(presence, presence.left, reason)]];
    case 'unsure':
      return [ABSENT, [left(presence, presence.lost, reason)]];
  }
}

function left(stay: { id: string; since: Instant }, until: Instant, reason: EndReason): Stay {
  return { kind: 'left', id: stay.id, since: stay.since, until, reason };
}

function overlong(stay: { id: string; since: Instant }, at: Instant): Step {
  return [{ phase: 'stuck', left: null }, [left(stay, at, 'overlong'), { kind: 'stuck', since: stay.since }]];
}

/** The words of the domain. Nothing here knows of wires, files or clocks; see `../../README.md` for the rules. */

/** One moment on both clocks, in milliseconds. Durations come from `mono`, timestamps from `wall` (Unix epoch). */
export interface Instant {
  readonly mono: number;
  readonly wall: number;
}

export type Tag = 'positive' | 'negative' | 'neutral' | 'unrated';
export type TagSource = 'press' | 'reviewer';
export type EndReason = 'departed' | 'overlong' | 'shutdown' | 'power-loss' | 'sensor-lost';

/** What a loyalty button says. `top` is true for the highest rating a desk offers. */
export interface Button {
  readonly rating: number;
  readonly tag: Exclude<Tag, 'unrated'>;
  readonly top: boolean;
}

/** All durations in milliseconds. */
export interface Settings {
  /** Presence must hold this long before a contact is believed. */
  readonly arrivalConfirm: number;
  /** Absence must hold this long before a departure is believed. */
  readonly departureConfirm: number;
  /** A contact longer than this is closed as `overlong`. */
  readonly contactMax: number;
  /** A contact at least this long counts as served. */
  readonly servedMinimum: number;
  /** A press this long after the end still belongs to the contact. */
  readonly pressGrace: number;
  /** Presses of one button closer than this are one. */
  readonly pressRepeat: number;
  /** A sensor lost for this long ends the contact. */
  readonly sensorLost: number;
  /** The desk's loyalty buttons by name. */
  readonly buttons: Readonly<Record<string, Button>>;
}

/**
 * What happens at a desk, as the drivers tell it. `id` is given where the event enters the house; the contact that
 * an edge begins and the press that a button makes carry it on, so the same events always give the same ids.
 */
export type DeskEvent =
  | { readonly id: string; readonly kind: 'presence'; readonly present: boolean; readonly at: Instant }
  | { readonly id: string; readonly kind: 'press'; readonly button: string; readonly at: Instant }
  /** Somebody at the desk asks that nothing of this contact be kept but the count. */
  | { readonly id: string; readonly kind: 'veto'; readonly at: Instant }
  /** A receptionist comes to the desk; the one who is there already, goes. `receptionist`: a pseudonym. */
  | { readonly id: string; readonly kind: 'shift'; readonly receptionist: string; readonly at: Instant }
  /** The sensor can no longer be heard; its next `presence` says that it is back. */
  | { readonly id: string; readonly kind: 'sensor-lost'; readonly at: Instant }
  /** The service starts: whatever was open before was ended by a power cut. `lastAlive`: last sign of life of the session before. */
  | { readonly id: string; readonly kind: 'start'; readonly at: Instant; readonly lastAlive: Instant | null }
  | { readonly id: string; readonly kind: 'shutdown'; readonly at: Instant };

/** `repeat`: one with the press before. `mashing`: one of many in a few seconds. `nobody-there`: belongs to no contact. `unknown-button`: the config does not name it. */
export type PressFlag = 'repeat' | 'mashing' | 'nobody-there' | 'unknown-button';

export interface Press {
  readonly id: string;
  readonly contactId: string | null;
  readonly button: string;
  /** null for a button that the config does not name. */
  readonly rating: number | null;
  readonly tag: Tag;
  readonly top: boolean;
  readonly at: Instant;
  readonly flags: readonly PressFlag[];
}

export interface Contact {
  readonly id: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | null;
  readonly endReason: EndReason | null;
  /** Milliseconds of monotonic time; null while open. */
  readonly duration: number | null;
  readonly served: boolean;
  readonly tag: Tag;
  readonly tagSource: TagSource | null;
  /** The press that counts, null when none did. */
  readonly pressId: string | null;
  readonly rating: number | null;
  readonly top: boolean;
  /** Its recording must not be kept. It counts like any other, and so do its presses. */
  readonly veto: boolean;
  /** Pseudonym of who was at the desk; null: nobody had said so. */
  readonly receptionist: string | null;
}

/** What the desk has to do about an event, in order. */
export type Effect =
  | { readonly kind: 'contact-started'; readonly contact: Contact }
  /** The patient is gone; presses may still arrive during the grace time. */
  | { readonly kind: 'contact-ended'; readonly contact: Contact }
  /** A press gave the contact another tag. */
  | { readonly kind: 'contact-tagged'; readonly contact: Contact }
  /** Whatever was recorded of the contact must be destroyed, now. Said once per contact. */
  | { readonly kind: 'contact-vetoed'; readonly contact: Contact }
  /** Nothing can change the contact by itself any more: it may be published. */
  | { readonly kind: 'contact-settled'; readonly contact: Contact }
  | { readonly kind: 'pressed'; readonly press: Press }
  | { readonly kind: 'sensor-stuck'; readonly since: Instant };

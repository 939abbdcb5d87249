import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { KeepPolicy } from '../../device/contacts/keeping.ts';
import type { DeskEvent, Instant, Settings } from '../../device/contacts/model.ts';
import { type DeskInput, EMPTY_DESK, reduce } from '../../device/contacts/reduce.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import type { ClockTrust, NewClip, OutboxRow, ScoredContact } from '../../device/store/records.ts';
import { Store } from '../../device/store/store.ts';
import { eventOf } from '../../uploader/event.ts';
import { messageValidator } from './subscriber.ts';

export const settings: Settings = {
  arrivalConfirm: 1_000,
  departureConfirm: 2_000,
  contactMax: 600_000,
  servedMinimum: 10_000,
  pressGrace: 5_000,
  pressRepeat: 1_000,
  sensorLost: 5_000,
  buttons: {
    happy: { rating: 5, tag: 'positive', top: true },
    unhappy: { rating: 1, tag: 'negative', top: false },
  },
};

/** Wall clock at second 0, Unix ms. */
export const WALL = Date.UTC(2026, 0, 5, 8);

/** `s` seconds after the start of the day. */
export const at = (s: number): Instant => ({ mono: 5_000 + s * 1_000, wall: WALL + s * 1_000 });

/** `input` happens at the desk: through the domain into the store, as the desk does it. */
export function act(
  store: Store,
  input: DeskInput,
  about: { desk?: string; clock?: ClockTrust; captured?: boolean; scored?: ScoredContact[] } = {},
): void {
  const { desk = 'front', clock = 'trusted', captured = true, scored = [] } = about;
  const [state, effects] = reduce(settings, store.deskState(desk) ?? EMPTY_DESK, input);
  const event = input.kind === 'wake' ? null : input;
  store.record({ desk, event, state, effects, at: input.at, clock, captured, scored });
}

/** A desk driven by hand over a store on the disk; times in seconds. Its events are called e1, e2 …, and so are the contacts they begin. */
export class StoredDesk {
  readonly folder = mkdtempSync(join(tmpdir(), 'ca-store-'));
  store: Store;
  clock: ClockTrust = 'trusted';
  captured = true;
  /** What models will have said of contacts when they end. */
  scored: ScoredContact[] = [];
  #policy: KeepPolicy;
  #events = 0;
  #messages = 0;

  constructor(policy: KeepPolicy = { keep: 'all', sample: 0 }) {
    this.#policy = policy;
    this.store = this.#open();
    this.store.beginSession('boot-1', at(0));
  }

  here = (s: number) => this.put({ id: this.#id(), kind: 'presence', present: true, at: at(s) });
  gone = (s: number) => this.put({ id: this.#id(), kind: 'presence', present: false, at: at(s) });
  press = (s: number, button: string) => this.put({ id: this.#id(), kind: 'press', button, at: at(s) });
  veto = (s: number) => this.put({ id: this.#id(), kind: 'veto', at: at(s) });
  wait = (s: number) => this.put({ kind: 'wake', at: at(s) });

  put(input: DeskInput): this {
    act(this.store, input, { clock: this.clock, captured: this.captured, scored: this.scored });
    return this;
  }

  /** The process dies, and another one takes over at `now`: the desk hears of it when it starts. */
  restart(now: Instant, boot = 'boot-1', policy = this.#policy): DeskEvent {
    this.#policy = policy;
    this.store.close();
    this.store = this.#open();
    this.store.beginSession(boot, now);
    return { id: this.#id(), kind: 'start', at: now, lastAlive: this.store.lastAlive('front') };
  }

  /** The tables themselves, beside the store. */
  sql(): Database.Database {
    return new Database(join(this.folder, STORE_FILE));
  }

  /** The messages so far. */
  told(): OutboxRow[] {
    return this.store.outbox.pending(0, 1_000);
  }

  /** What is wrong with them, by the published schema. */
  faults(): string[] {
    const wrong = messageValidator();
    return this.told().flatMap((row) => {
      const { topic, payload } = eventOf(row, { device: 'clinic', store: this.store.outbox.store });
      return wrong({ topic, payload: JSON.parse(payload) }) ?? [];
    });
  }

  end(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true });
  }

  #id = () => `e${++this.#events}`;
  #open = () =>
    new Store(
      this.folder,
      'clinic',
      () => `m${++this.#messages}`,
      () => WALL,
      this.#policy,
    );
}

/** A clip of 26 s, made out of a contact of 19 s. */
export function readyClip(contactId: string, about: Partial<NewClip> = {}): NewClip {
  return {
    ...{
      contactId,
      state: 'ready',
      reason: null,
      file: `2026-01-05/${contactId}.mp4`,
      mediaType: 'video/mp4',
    },
    ...{ bytes: 4_194_304, sha256: 'e'.repeat(64), duration: 26_250, preRoll: 5_250 },
    manifest: {
      ...{ preRoll: 5_250, postRoll: 2_000, startError: -250, endError: 0, tracks: ['video', 'audio'] },
      gaps: [{ track: 'video', from: 1_000, to: 3_500 }],
      ...{ recovered: false, keyId: '0123456789abcdef' },
    },
    ...about,
  };
}

/** A clip that could not be made. */
export const failedClip = (contactId: string, reason = 'the ring was lost'): NewClip => ({
  ...{ contactId, state: 'failed', reason, file: null, mediaType: null, bytes: null, sha256: null },
  ...{ duration: null, preRoll: null, manifest: null },
});

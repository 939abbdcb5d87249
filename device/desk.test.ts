import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InputDriver, InputEvent } from '../drivers/types.ts';
import { ManualClock } from './clock.ts';
import type { ContactMedia } from './contact-media.ts';
import type { Settings } from './contacts/model.ts';
import { Desk } from './desk.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import { Store } from './store/store.ts';

const quiet = createLog('error', { write: () => {} });
const settings: Settings = {
  arrivalConfirm: 1_500,
  departureConfirm: 4_000,
  contactMax: 3_600_000,
  servedMinimum: 10_000,
  pressGrace: 10_000,
  pressRepeat: 3_000,
  sensorLost: 30_000,
  buttons: { happy: { rating: 5, tag: 'positive', top: true } },
};

/** A sensor and buttons pressed by the test. */
class Hand implements InputDriver {
  readonly name = 'hand';
  readonly #clock: ManualClock;
  #emit: (event: InputEvent) => void = () => {};
  constructor(clock: ManualClock) {
    this.#clock = clock;
  }
  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
  }
  async stop(): Promise<void> {}
  health = () => ({ status: 'ok' as const });
  present = (present: boolean) => this.#emit({ kind: 'presence', present, at: this.#clock.now() });
  press = (button: string) => this.#emit({ kind: 'press', button, at: this.#clock.now() });
  lost = () => this.#emit({ kind: 'lost', at: this.#clock.now() });
}

let folder: string;
let clock: ManualClock;
let store: Store;
let calls: string[];
const signal = new AbortController().signal;

function newDesk(inputs: Hand[], media: ContactMedia | null = null): Desk {
  let ids = 0;
  const session = store.beginSession('boot', clock.now());
  return new Desk({
    desk: 'front',
    settings,
    inputs,
    media,
    store,
    journal: new Journal({ clock, log: quiet }),
    session,
    trust: () => 'trusted',
    onPresence: () => calls.push('presence'),
    newId: () => `s${session.number}-${++ids}`,
    clock,
    log: quiet,
  });
}
const today = () => store.contacts.between(0, Number.MAX_SAFE_INTEGER);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-desk-'));
  clock = new ManualClock();
  store = new Store(
    folder,
    'clinic',
    (() => {
      let n = 0;
      return () => `m${++n}`;
    })(),
    () => clock.now().wall,
  );
  calls = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

test('a whole morning goes through the desk without a wire and without waiting', async () => {
  const hand = new Hand(clock);
  const desk = newDesk([hand]);
  await desk.start(signal);
  for (let i = 0; i < 200; i++) {
    hand.present(true);
    clock.advance(20_000);
    if (i % 2) hand.press('happy');
    clock.advance(1_000);
    hand.present(false);
    clock.advance(40_000);
  }
  expect(today()).toHaveLength(200);
  expect(store.contacts.indices(0, 8.64e15)).toMatchObject({ served: 200, top: 100 });
  expect(store.outbox.pending(0, 1_000).map((row) => row.sequence)).toEqual(
    Array.from({ length: 500 }, (_, i) => i + 1),
  );
  await desk.stop();
  expect(clock.waiting()).toEqual([]);
});

test('presence is told when it is confirmed, and when the contact has ended', async () => {
  const hand = new Hand(clock);
  const desk = newDesk([hand]);
  await desk.start(signal);
  calls = [];
  expect(desk.presence().present).toBeNull();
  hand.present(true);
  clock.advance(1_000);
  expect(desk.presence().present).toBe(false);
  clock.advance(1_000);
  expect(desk.presence()).toMatchObject({
    present: true,
    contactId: today()[0]?.id,
    since: today()[0]?.startedAt,
  });
  hand.present(false);
  clock.advance(5_000);
  expect(desk.presence()).toMatchObject({ present: false, contactId: null, since: today()[0]?.endedAt });
  clock.advance(60_000);
  hand.lost();
  expect(desk.presence()).toMatchObject({ present: null, contactId: null });
  expect(calls).toEqual(['presence', 'presence', 'presence', 'presence']);
});

test('time that passes and means nothing for the contacts is not written to the disk', async () => {
  const hand = new Hand(clock);
  await newDesk([hand]).start(signal);
  hand.present(true);
  clock.advance(settings.contactMax + 20_000);
  hand.present(false);
  const write = vi.spyOn(store, 'record');
  // The sensor, found stuck before, is believed to be free again.
  clock.advance(60_000);
  expect(write).not.toHaveBeenCalled();
  hand.present(true);
  clock.advance(5_000);
  expect(today()).toHaveLength(2);
});

test('several sensors: any of them is enough, and one that is lost does not speak for the others', async () => {
  const [left, right] = [new Hand(clock), new Hand(clock)];
  await newDesk([left, right]).start(signal);
  left.present(true);
  right.present(false);
  clock.advance(5_000);
  right.present(true);
  left.lost();
  clock.advance(60_000);
  expect(today()[0]?.state).toBe('open');
  right.present(false);
  clock.advance(20_000);
  expect(today()[0]).toMatchObject({ endReason: 'departed', duration: 65_000 });
});

describe('camera and microphone', () => {
  function recorded(): ContactMedia {
    const media = {
      start: async () => void calls.push('start'),
      stop: async () => void calls.push('stop'),
      begin: (c: { id: string }) => calls.push(`begin ${c.id}`),
      end: (c: { id: string; endReason: string }) => calls.push(`end ${c.id} ${c.endReason}`),
      health: () => ({ status: 'degraded' as const, reason: 'no camera' }),
    };
    return media as unknown as ContactMedia;
  }

  test('record from the confirmation to the end, and a stop closes what is open first', async () => {
    const hand = new Hand(clock);
    const desk = newDesk([hand], recorded());
    await desk.start(signal);
    hand.present(true);
    clock.advance(10_000);
    const id = today()[0]?.id;
    await desk.stop();
    expect(calls.filter((c) => c !== 'presence')).toEqual([
      'start',
      `begin ${id}`,
      `end ${id} shutdown`,
      'stop',
    ]);
    expect(desk.health()).toMatchObject({ status: 'degraded', reason: 'no camera' });
  });

  test('a contact that the power cut ended is left to the recovery, not ended again', async () => {
    const hand = new Hand(clock);
    await newDesk([hand], recorded()).start(signal);
    hand.present(true);
    clock.advance(10_000);
    clock.advance(1_000_000);
    calls = [];
    await newDesk([new Hand(clock)], recorded()).start(signal);
    expect(today()[0]).toMatchObject({ endReason: 'power-loss', state: 'settled' });
    expect(calls.filter((c) => c !== 'presence')).toEqual(['start']);
    expect(store.clipless('front')).toHaveLength(1);
  });
});

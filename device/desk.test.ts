import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { InputDriver, InputEvent, Lamp } from '../drivers/types.ts';
import { Acknowledgement } from './acknowledgement.ts';
import { ManualClock } from './clock.ts';
import type { ContactMedia } from './contact-media.ts';
import type { Settings } from './contacts/model.ts';
import type { SourceRule } from './contacts/sources.ts';
import { Desk } from './desk.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import type { ButtonDeed } from './settings.ts';
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
  card = (id: string) => this.#emit({ kind: 'card', id, at: this.#clock.now() });
  press = (button: string) => this.#emit({ kind: 'press', button, at: this.#clock.now() });
  lost = () => this.#emit({ kind: 'lost', at: this.#clock.now() });
}

let folder: string;
let clock: ManualClock;
let store: Store;
let calls: string[];
let lit: boolean[];
/** What answers a press. */
const lamp: Lamp = {
  name: 'beeper',
  set: async (on) => void lit.push(on),
  read: async () => null,
  close: async () => {},
};
const signal = new AbortController().signal;

function newDesk(inputs: Hand[], media: ContactMedia | null = null, rule: SourceRule = 'any'): Desk {
  let ids = 0;
  const session = store.beginSession('boot', clock.now());
  return new Desk({
    desk: 'front',
    settings,
    inputs,
    rule,
    does: new Map<string, ButtonDeed>([
      ['red', { does: 'veto' }],
      ['blue', { does: 'pause' }],
      ['green', { does: 'shift', receptionist: 'r-1' }],
    ]),
    cards: new Map([['0004711', 'r-2']]),
    acknowledgement: new Acknowledgement({ lamp, clock, log: quiet }),
    pause: 900_000,
    media,
    store,
    journal: new Journal({ clock, log: quiet }),
    boot: 'boot',
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
    { keep: 'all', sample: 0 },
  );
  calls = [];
  lit = [];
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

/** A recorder and a vault that say what they are told. */
function recorded(): ContactMedia {
  const say = (what: string) => (c: { id: string }) => void calls.push(`${what} ${c.id}`);
  const media = {
    start: async () => void calls.push('start'),
    stop: async () => void calls.push('stop'),
    begin: say('begin'),
    scored: (c: { id: string }) => ({
      contactId: c.id,
      scores: [],
      hint: { kind: null, priority: 0.3, reasons: ['nobody spoke for 60 s'] },
    }),
    end: (c: { id: string; endReason: string }) => calls.push(`end ${c.id} ${c.endReason}`),
    veto: say('veto'),
    settled: say('settled'),
    pause: () => void calls.push('pause'),
    resume: () => void calls.push('resume'),
    health: () => ({ status: 'ok' as const }),
  };
  return media as unknown as ContactMedia;
}
const said = () => calls.splice(0).filter((call) => call !== 'presence');

describe('camera and microphone', () => {
  test('record from the confirmation to the end, and a stop closes what is open first', async () => {
    const hand = new Hand(clock);
    const desk = newDesk([hand], recorded());
    await desk.start(signal);
    hand.present(true);
    clock.advance(10_000);
    const id = today()[0]?.id;
    await desk.stop();
    expect(said()).toEqual(['start', `begin ${id}`, `end ${id} shutdown`, `settled ${id}`, 'stop']);
  });

  test('are not all there is to the health of a desk, but a part of it', async () => {
    const broken = { ...recorded(), health: () => ({ status: 'degraded' as const, reason: 'no camera' }) };
    const desk = newDesk([new Hand(clock)], broken as unknown as ContactMedia);
    expect(desk.health()).toMatchObject({ status: 'degraded', reason: 'no camera' });
  });

  test.each([
    ['shutdown', (_: Hand, desk: Desk) => desk.stop()],
    ['sensor-lost', (hand: Hand) => hand.lost()],
    ['departed', (hand: Hand) => hand.present(false)],
  ])(
    'a contact is told with what models say of it, also when it is closed at once: %s',
    async (reason, leave) => {
      const hand = new Hand(clock);
      const desk = newDesk([hand], recorded());
      await desk.start(signal);
      hand.present(true);
      clock.advance(10_000);
      await leave(hand, desk);
      clock.advance(60_000);
      const closed = store.outbox.pending(0, 9).find(({ type }) => type === 'contact.closed');
      expect(closed?.data).toMatchObject({ endReason: reason, hint: { priority: 0.3 } });
    },
  );

  test('are told when nothing can change a contact any more', async () => {
    const hand = new Hand(clock);
    await newDesk([hand], recorded()).start(signal);
    hand.present(true);
    clock.advance(20_000);
    hand.present(false);
    clock.advance(5_000);
    const id = today()[0]?.id;
    expect(said().at(-1)).toBe(`end ${id} departed`);
    clock.advance(10_000);
    expect(said()).toEqual([`settled ${id}`]);
  });

  test('a contact that the power cut ended is left to the recovery, not ended again', async () => {
    const hand = new Hand(clock);
    await newDesk([hand], recorded()).start(signal);
    hand.present(true);
    clock.advance(10_000);
    clock.advance(1_000_000);
    said();
    await newDesk([new Hand(clock)], recorded()).start(signal);
    const [contact] = today();
    expect(contact).toMatchObject({ endReason: 'power-loss', state: 'settled' });
    // Its patient stood there when the power went, however long ago the store had last heard of it.
    expect(said()).toEqual([`settled ${contact?.id}`, 'start']);
    expect(store.clipless('front')).toMatchObject([{ id: contact?.id, there: true }]);
  });

  test('a patient who was leaving when the power was cut is not taken to have stayed', async () => {
    const hand = new Hand(clock);
    await newDesk([hand], recorded()).start(signal);
    hand.present(true);
    clock.advance(10_000);
    hand.present(false);
    clock.advance(1_000);
    await newDesk([new Hand(clock)], recorded()).start(signal);
    expect(store.clipless('front')).toMatchObject([{ endReason: 'power-loss', there: false }]);
  });
});

describe('a veto', () => {
  let hand: Hand;
  let desk: Desk;
  beforeEach(async () => {
    hand = new Hand(clock);
    desk = newDesk([hand], recorded());
    await desk.start(signal);
    said();
  });

  test.each([
    ['by a button', () => hand.press('red')],
    ['by a command', () => desk.veto()],
  ])('%s destroys what was recorded of the patient who stands there, and the count stays', (_, veto) => {
    hand.present(true);
    clock.advance(20_000);
    hand.press('happy');
    veto();
    const id = today()[0]?.id;
    expect(said()).toEqual([`begin ${id}`, `veto ${id}`]);
    // Once is enough.
    veto();
    expect(said()).toEqual([]);
    hand.present(false);
    clock.advance(30_000);
    expect(said()).toEqual([`end ${id} departed`, `settled ${id}`]);
    expect(today()[0]).toMatchObject({ veto: true, tag: 'positive', served: true, state: 'settled' });
    expect(store.contacts.indices(0, 8.64e15)).toMatchObject({ served: 1, top: 1 });
    // It is no press.
    expect(today()[0]?.presses).toHaveLength(1);
  });

  test('is for the patient who has just left, as long as a press would be', () => {
    hand.present(true);
    clock.advance(20_000);
    hand.present(false);
    clock.advance(9_000);
    const id = today()[0]?.id;
    said();
    hand.press('red');
    expect(said()).toEqual([`veto ${id}`]);
    expect(today()[0]).toMatchObject({ veto: true, state: 'ended' });
  });

  test('is for nobody when nobody is there', () => {
    hand.press('red');
    hand.present(true);
    clock.advance(20_000);
    hand.present(false);
    clock.advance(20_000);
    said();
    hand.press('red');
    clock.advance(20_000);
    expect(said()).toEqual([]);
    expect(today()[0]).toMatchObject({ veto: false });
  });

  test('of somebody who is arriving waits until it is known that they have', () => {
    hand.present(true);
    clock.advance(500);
    hand.press('red');
    expect(said()).toEqual([]);
    clock.advance(2_000);
    const id = today()[0]?.id;
    expect(said()).toEqual([`begin ${id}`, `veto ${id}`]);
  });
});

describe('a pause', () => {
  let hand: Hand;
  let desk: Desk;
  const paused = () => /recording is paused until 2026-01-05T/.test(desk.health().reason ?? '');
  beforeEach(async () => {
    hand = new Hand(clock);
    desk = newDesk([hand], recorded());
    await desk.start(signal);
    said();
  });

  test('begins and ends by its button, and contacts are counted meanwhile', () => {
    hand.press('blue');
    expect(said()).toEqual(['pause']);
    expect(paused()).toBe(true);
    hand.present(true);
    clock.advance(20_000);
    hand.press('happy');
    hand.present(false);
    clock.advance(30_000);
    hand.press('blue');
    expect(said().at(-1)).toBe('resume');
    expect(paused()).toBe(false);
    expect(store.contacts.indices(0, 8.64e15)).toMatchObject({ served: 1, rated: 1 });
    expect(today()[0]?.presses.map((press) => press.button)).toEqual(['happy']);
  });

  test('is not ended by a finger that presses twice', () => {
    hand.press('blue');
    clock.advance(settings.pressRepeat - 1);
    hand.press('blue');
    expect(paused()).toBe(true);
    clock.advance(settings.pressRepeat);
    hand.press('blue');
    expect(paused()).toBe(false);
  });

  test('ends by itself, and lasts from the last time that somebody asked for it', () => {
    desk.pause();
    clock.advance(800_000);
    desk.pause();
    clock.advance(899_000);
    expect(paused()).toBe(true);
    expect(said()).toEqual(['pause', 'pause']);
    clock.advance(1_000);
    expect(paused()).toBe(false);
    expect(said()).toEqual(['resume']);
    clock.advance(10_000_000);
    expect(said()).toEqual([]);
  });

  test('lasts as long as whoever asks for it wants', () => {
    desk.pause(5_000);
    clock.advance(4_000);
    expect(said()).toEqual(['pause']);
    clock.advance(1_000);
    expect(said()).toEqual(['resume']);
  });

  test('that does not last cannot be ended', () => {
    desk.resume();
    expect(said()).toEqual([]);
  });

  test('outlives the service: the next one captures nothing before it is over', async () => {
    desk.pause();
    clock.advance(100_000);
    await desk.stop();
    expect(clock.waiting()).toEqual([]);
    said();
    desk = newDesk([hand], recorded());
    await desk.start(signal);
    // Before the capture could begin.
    expect(said()).toEqual(['pause', 'start']);
    expect(paused()).toBe(true);
    clock.advance(799_000);
    expect(said()).toEqual([]);
    clock.advance(1_000);
    expect(said()).toEqual(['resume']);

    await desk.stop();
    said();
    desk = newDesk([hand], recorded());
    await desk.start(signal);
    expect(said()).toEqual(['start']);
    expect(paused()).toBe(false);
  });

  test('is over when the service comes back after its end', async () => {
    desk.pause();
    await desk.stop();
    said();
    clock.advance(1_000_000);
    desk = newDesk([hand], recorded());
    await desk.start(signal);
    clock.advance(0);
    expect(paused()).toBe(false);
    expect(said().at(-1)).toBe('resume');
  });

  test('is shown at once', () => {
    calls.length = 0;
    desk.pause();
    desk.resume();
    expect(calls.filter((call) => call === 'presence')).toHaveLength(2);
  });

  test('can be had at a desk that counts only', async () => {
    desk = newDesk([hand]);
    await desk.start(signal);
    desk.pause();
    expect(paused()).toBe(true);
    desk.resume();
    desk.veto();
    expect(paused()).toBe(false);
  });
});

test('after a veto a sensor that is lost means a pause: who asked for it may still stand there', async () => {
  const hand = new Hand(clock);
  const desk = newDesk([hand]);
  await desk.start(signal);
  const paused = () => /recording is paused/.test(desk.health().reason ?? '');
  const visit = () => {
    hand.present(true);
    clock.advance(20_000);
  };
  visit();
  hand.lost();
  clock.advance(60_000);
  expect(paused()).toBe(false);
  visit();
  hand.press('red');
  hand.lost();
  clock.advance(29_000);
  expect(paused()).toBe(false);
  clock.advance(2_000);
  expect(paused()).toBe(true);
  expect(today()[0]).toMatchObject({ veto: true, endReason: 'sensor-lost' });
});

describe('who is at the desk', () => {
  test('says so with a button or a card; two in quick succession are one', async () => {
    const hand = new Hand(clock);
    const desk = newDesk([hand]);
    await desk.start(signal);
    const patient = () => {
      hand.present(true);
      clock.advance(20_000);
      hand.present(false);
      clock.advance(60_000);
    };
    hand.press('green');
    clock.advance(1_000);
    hand.press('green');
    patient();
    hand.card('0004711');
    hand.card('0004711');
    patient();
    hand.card('0004711');
    patient();
    expect(today().map(({ receptionist }) => receptionist)).toEqual([null, 'r-2', 'r-1']);
    // A shift is no press: nothing is rated, nothing is published.
    expect(store.outbox.pending(0, 100).map(({ type }) => type)).not.toContain('press');
  });

  test('has a card that is known; of others only their number is told', async () => {
    const hand = new Hand(clock);
    const desk = newDesk([hand]);
    await desk.start(signal);
    hand.card('0815');
    hand.card('4711');
    expect(desk.health().detail).toMatchObject({ strangeCards: 2 });
    expect(JSON.stringify(desk.health())).not.toContain('0815');
    expect(lit).toEqual([]);
  });
});

describe('a press', () => {
  test('is answered for a moment, one that repeats it too, and one of nobody', async () => {
    const hand = new Hand(clock);
    await newDesk([hand]).start(signal);
    hand.press('happy');
    await vi.waitFor(() => expect(lit).toEqual([true]));
    clock.advance(200);
    await vi.waitFor(() => expect(lit).toEqual([true, false]));
    hand.press('happy');
    await vi.waitFor(() => expect(lit).toEqual([true, false, true]));
    clock.advance(200);
    await vi.waitFor(() => expect(lit).toEqual([true, false, true, false]));
    hand.card('0004711');
    await vi.waitFor(() => expect(lit).toEqual([true, false, true, false, true]));
  });
});

describe('several sensors', () => {
  const three = () => [new Hand(clock), new Hand(clock), new Hand(clock)] as const;

  test('say together what the rule makes of them; one that is lost does not count', async () => {
    const [one, two, other] = three();
    const desk = newDesk([one, two, other], null, 'majority');
    await desk.start(signal);
    for (const hand of [one, two, other]) hand.present(false);
    one.present(true);
    clock.advance(5_000);
    expect(desk.presence().present).toBe(false);
    two.present(true);
    clock.advance(5_000);
    expect(desk.presence().present).toBe(true);
    two.lost();
    clock.advance(10_000);
    expect(desk.presence().present).toBe(false);
    other.lost();
    clock.advance(10_000);
    expect(desk.presence().present).toBe(true);
  });

  test('one that says "present" without end while the others do not is told as stuck', async () => {
    const [one, two] = three();
    const desk = newDesk([one, two], null, 'all');
    await desk.start(signal);
    one.present(true);
    two.present(false);
    clock.advance(3_599_000);
    expect(desk.health().status).toBe('ok');
    clock.advance(1_000);
    expect(desk.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringMatching(/^hand has said "present" since .*: look at what stands before it/),
    });
    one.present(false);
    expect(desk.health().status).toBe('ok');
  });
});

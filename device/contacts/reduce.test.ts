import { describe, expect, test } from 'vitest';
import type { Contact, DeskEvent, Effect, Instant, Press, Settings } from './model.ts';
import { type DeskState, EMPTY_DESK, reduce, restoreDesk, wakeAt } from './reduce.ts';

const settings: Settings = {
  arrivalConfirm: 1_500,
  departureConfirm: 4_000,
  contactMax: 3_600_000,
  servedMinimum: 10_000,
  pressGrace: 10_000,
  pressRepeat: 3_000,
  sensorLost: 30_000,
  buttons: {
    happy: { rating: 5, tag: 'positive', top: true },
    fine: { rating: 3, tag: 'neutral', top: false },
    unhappy: { rating: 1, tag: 'negative', top: false },
  },
};

const WALL = Date.UTC(2026, 0, 5, 8);
const at = (seconds: number): Instant => ({ mono: seconds * 1_000, wall: WALL + seconds * 1_000 });

/** A desk driven by hand: seconds since the start of the day. */
class Desk {
  state: DeskState = EMPTY_DESK;
  effects: Effect[] = [];
  #events = 0;

  #put(event: DeskEvent | { kind: 'wake'; at: Instant }): this {
    const [state, effects] = reduce(settings, this.state, event);
    this.state = state;
    this.effects.push(...effects);
    return this;
  }
  #id = () => `e${++this.#events}`;
  here = (s: number) => this.#put({ id: this.#id(), kind: 'presence', present: true, at: at(s) });
  gone = (s: number) => this.#put({ id: this.#id(), kind: 'presence', present: false, at: at(s) });
  press = (s: number, button: string) => this.#put({ id: this.#id(), kind: 'press', button, at: at(s) });
  veto = (s: number) => this.#put({ id: this.#id(), kind: 'veto', at: at(s) });
  shift = (s: number, receptionist: string) =>
    this.#put({ id: this.#id(), kind: 'shift', receptionist, at: at(s) });
  lost = (s: number) => this.#put({ id: this.#id(), kind: 'sensor-lost', at: at(s) });
  shutdown = (s: number) => this.#put({ id: this.#id(), kind: 'shutdown', at: at(s) });
  start = (s: number, lastAlive: number) =>
    this.#put({ id: this.#id(), kind: 'start', at: at(s), lastAlive: at(lastAlive) });
  wait = (s: number) => this.#put({ kind: 'wake', at: at(s) });

  of(kind: 'contact-started' | 'contact-ended' | 'contact-vetoed' | 'contact-settled'): Contact[] {
    return this.effects.flatMap((e) => (e.kind === kind ? [e.contact] : []));
  }
  get settled(): Contact[] {
    return this.of('contact-settled');
  }
  get presses(): Press[] {
    return this.effects.flatMap((e) => (e.kind === 'pressed' ? [e.press] : []));
  }
}

describe('arrival and departure', () => {
  test('the contact starts at the first edge and ends at the last one', () => {
    const desk = new Desk().here(10).gone(40).wait(43.9);
    expect(desk.of('contact-ended')).toEqual([]);
    desk.wait(44);
    expect(desk.of('contact-started')[0]).toMatchObject({ id: 'e1', startedAt: at(10), endedAt: null });
    expect(desk.of('contact-ended')[0]).toMatchObject({
      id: 'e1',
      endedAt: at(40),
      endReason: 'departed',
      duration: 30_000,
      served: true,
    });
  });

  test('presence shorter than the confirmation is no contact', () => {
    expect(new Desk().here(10).gone(11.4).wait(60).effects).toEqual([]);
  });

  test('absence shorter than the confirmation does not end it', () => {
    const desk = new Desk().here(10).gone(20).here(23.9).gone(30).wait(100);
    expect(desk.settled.map((c) => c.duration)).toEqual([20_000]);
  });

  test('a contact shorter than the minimum is not served', () => {
    expect(new Desk().here(0).gone(9.9).wait(60).settled[0]).toMatchObject({
      duration: 9_900,
      served: false,
    });
  });

  test('a contact over the maximum is closed as overlong, the sensor reported, and nothing begins before it has been free', () => {
    const desk = new Desk().here(0).wait(3_600).here(3_700).gone(3_800).here(3_802).wait(9_000);
    expect(desk.of('contact-ended')).toMatchObject([{ endReason: 'overlong', duration: 3_600_000 }]);
    expect(desk.effects).toContainEqual({ kind: 'sensor-stuck', since: at(0) });
    desk.gone(9_001).wait(9_010).here(9_020).gone(9_040).wait(9_100);
    expect(desk.settled).toHaveLength(2);
  });

  test('a sensor lost for long ends the contact when it was lost; a short loss does not', () => {
    expect(new Desk().here(0).lost(20).here(49).gone(60).wait(99).settled).toMatchObject([
      { duration: 60_000 },
    ]);
    expect(new Desk().here(0).lost(20).wait(50).settled).toMatchObject([
      { duration: 20_000, endReason: 'sensor-lost' },
    ]);
  });

  test('an arrival that the sensor is lost in is not believed', () => {
    expect(new Desk().here(0).lost(1).wait(99).effects).toEqual([]);
  });

  test('shutdown closes and settles at once', () => {
    expect(new Desk().here(0).shutdown(25).settled).toMatchObject([
      { endReason: 'shutdown', duration: 25_000 },
    ]);
  });

  test('a contact found open at the start ended with the power, at the last sign of life', () => {
    const desk = new Desk().here(0).press(3, 'happy').wait(5).start(500, 25);
    expect(desk.settled).toMatchObject([{ endReason: 'power-loss', duration: 25_000, tag: 'positive' }]);
    desk.here(501).wait(510);
    expect(desk.of('contact-started')).toHaveLength(2);
  });

  test('without a sign of life after it, the last event is the end', () => {
    const desk = new Desk().here(100).wait(120).start(500, 90);
    expect(desk.settled).toMatchObject([{ endReason: 'power-loss', duration: 20_000, endedAt: at(120) }]);
  });

  test('after a reboot the monotonic clock begins again', () => {
    const desk = new Desk().here(1_000).wait(1_010).start(3, 1_020).here(5).gone(20).wait(40);
    expect(desk.settled.map((c) => [c.endReason, c.duration])).toEqual([
      ['power-loss', 20_000],
      ['departed', 15_000],
    ]);
  });
});

describe('presses', () => {
  test('a press belongs to the open contact and tags it', () => {
    const desk = new Desk().here(0).press(8, 'unhappy').gone(20).wait(60);
    expect(desk.presses[0]).toMatchObject({ contactId: 'e1', rating: 1, flags: [] });
    expect(desk.settled[0]).toMatchObject({ tag: 'negative', tagSource: 'press', rating: 1, top: false });
  });

  test('within the grace time it belongs to the contact that ended', () => {
    const desk = new Desk().here(0).gone(20).press(29.9, 'happy').wait(60);
    expect(desk.settled[0]).toMatchObject({ tag: 'positive', top: true });
  });

  test('after the grace time it belongs to nobody and is flagged', () => {
    const desk = new Desk().here(0).gone(20).press(30.1, 'happy').wait(60);
    expect(desk.settled[0]).toMatchObject({ tag: 'unrated' });
    expect(desk.presses[0]).toMatchObject({ contactId: null, flags: ['nobody-there'] });
  });

  test('a press during an unconfirmed arrival goes to whoever is confirmed', () => {
    const confirmed = new Desk().here(0).gone(10).wait(14).here(15).press(15.5, 'happy').gone(40).wait(90);
    expect(confirmed.settled.map((c) => c.tag)).toEqual(['unrated', 'positive']);
    const passedBy = new Desk().here(0).gone(10).wait(14).here(15).press(15.5, 'happy').gone(16).wait(90);
    expect(passedBy.settled.map((c) => c.tag)).toEqual(['positive']);
  });

  test('nobody new is confirmed: the grace time goes on through a passer-by', () => {
    const desk = new Desk()
      .here(0)
      .gone(10)
      .wait(14)
      .here(19)
      .wait(20)
      .gone(20.3)
      .press(20.4, 'happy')
      .wait(90);
    expect(desk.presses[0]).toMatchObject({ contactId: null });
    expect(desk.settled).toHaveLength(1);
  });

  test('a grace time that runs out while somebody is arriving still takes the press made in it', () => {
    const desk = new Desk().here(0).gone(10).wait(14).here(19).press(19.5, 'happy').gone(20.3).wait(90);
    expect(desk.settled).toMatchObject([{ id: 'e1', tag: 'positive' }]);
  });

  test('the same button pressed for two contacts in a row is no repeat', () => {
    const desk = new Desk().here(0).gone(10).wait(14).press(15, 'happy').here(15.1).press(16.7, 'happy');
    desk.gone(40).wait(90);
    expect(desk.presses.map((p) => p.flags)).toEqual([[], []]);
    expect(desk.settled.map((c) => c.tag)).toEqual(['positive', 'positive']);
  });

  test('of several the last one counts', () => {
    const desk = new Desk().here(0).press(5, 'happy').press(9, 'unhappy').gone(20).wait(60);
    expect(desk.settled[0]).toMatchObject({ tag: 'negative', pressId: 'e3' });
    expect(desk.presses).toHaveLength(2);
  });

  test('repeats of a button within the time are one; of another button they are not', () => {
    const desk = new Desk().here(0).press(5, 'happy').press(7, 'happy').press(8, 'fine').wait(9);
    expect(desk.presses.map((p) => p.flags)).toEqual([[], ['repeat'], []]);
    expect(desk.state.open).toMatchObject({ rating: 3, pressId: 'e4' });
  });

  test('mashing is flagged, not deleted', () => {
    const desk = new Desk().here(0);
    for (let i = 0; i < 6; i++) desk.press(5 + i * 0.5, i % 2 ? 'happy' : 'unhappy');
    expect(desk.presses.map((p) => p.flags.includes('mashing'))).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  test('a button that the config does not name is kept and counts nowhere', () => {
    const desk = new Desk().here(0).press(5, 'constructor').gone(20).wait(60);
    expect(desk.presses[0]).toMatchObject({ rating: null, flags: ['unknown-button'] });
    expect(desk.settled[0]).toMatchObject({ tag: 'unrated', rating: null });
  });
});

describe('a shift', () => {
  const whose = (desk: Desk) => desk.settled.map(({ receptionist }) => receptionist);

  test('is told once at its beginning, and once more at its end', () => {
    const desk = new Desk().here(0).gone(10).wait(60).shift(100, 'r-1');
    desk.here(110).gone(120).wait(200).here(210).gone(220).wait(300).shift(310, 'r-1');
    desk.here(320).gone(330).wait(400);
    expect(whose(desk)).toEqual([null, 'r-1', 'r-1', null]);
  });

  test('is taken over by another one without a word of the first', () => {
    const desk = new Desk().shift(0, 'r-1').here(10).gone(20).wait(60).shift(70, 'r-2').here(80).gone(90);
    expect(whose(desk.wait(200))).toEqual(['r-1', 'r-2']);
  });

  test('that changes during a contact leaves it whose it was; the first to come takes one that was nobody’s', () => {
    expect(whose(new Desk().shift(0, 'r-1').here(10).shift(20, 'r-2').gone(30).wait(60))).toEqual(['r-1']);
    expect(whose(new Desk().here(10).shift(20, 'r-2').gone(30).wait(60))).toEqual(['r-2']);
    expect(whose(new Desk().here(10).shift(20, 'r-2').shift(25, 'r-2').gone(30).wait(60))).toEqual(['r-2']);
  });

  test('says nothing by itself, and outlives a restart', () => {
    const desk = new Desk().shift(0, 'r-1').shutdown(10).start(20, 10);
    expect(desk.effects).toEqual([]);
    expect(whose(desk.here(30).gone(40).wait(100))).toEqual(['r-1']);
  });

  test('is unknown in a state of an earlier release', () => {
    const { receptionist: _, ...earlier } = new Desk().here(0).wait(2).state;
    const restored = restoreDesk(JSON.parse(JSON.stringify(earlier)));
    expect([restored.receptionist, restored.open?.receptionist]).toEqual([null, null]);
  });
});

describe('a veto', () => {
  test('goes to the contact that is open, which counts on as it would have, its later presses too', () => {
    const desk = new Desk().here(0).veto(5);
    expect(desk.of('contact-vetoed')).toEqual([{ ...desk.of('contact-started')[0], veto: true }]);
    desk.press(9, 'unhappy').gone(20).wait(60);
    const plain = new Desk().here(0).wait(5).press(9, 'unhappy').gone(20).wait(60);
    expect(desk.settled).toMatchObject([
      { veto: true, tag: 'negative', rating: 1, duration: 20_000, served: true },
    ]);
    expect(plain.settled).toMatchObject([
      { veto: false, tag: 'negative', rating: 1, duration: 20_000, served: true },
    ]);
  });

  test('said twice is one', () => {
    const desk = new Desk().here(0).veto(5).veto(6).gone(20).veto(25).wait(60);
    expect(desk.of('contact-vetoed')).toHaveLength(1);
  });

  test('within the grace time goes to the contact that ended; later to none', () => {
    const inTime = new Desk().here(0).gone(20).veto(29.9).wait(60);
    expect(inTime.of('contact-vetoed')).toMatchObject([{ id: 'e1', endedAt: at(20), veto: true }]);
    expect(inTime.settled).toMatchObject([{ veto: true }]);
    const late = new Desk().here(0).gone(20).veto(30.1).wait(60);
    expect(late.of('contact-vetoed')).toEqual([]);
    expect(late.settled).toMatchObject([{ veto: false }]);
    expect(new Desk().veto(5).wait(60).effects).toEqual([]);
  });

  test('during an arrival waits until it is known whose it is', () => {
    const arriving = new Desk().here(0).gone(10).wait(14).here(15).veto(15.5);
    expect(arriving.of('contact-vetoed')).toEqual([]);
    expect(arriving.wait(16.5).of('contact-vetoed')).toMatchObject([{ id: 'e3', endedAt: null }]);
    arriving.gone(40).wait(90);
    expect(arriving.settled).toMatchObject([
      { id: 'e1', veto: false },
      { id: 'e3', veto: true },
    ]);
    const passedBy = new Desk().here(0).gone(10).wait(14).here(15).veto(15.5).gone(16).wait(90);
    expect(passedBy.of('contact-vetoed')).toMatchObject([{ id: 'e1' }]);
  });

  test('after the grace time goes to none even while somebody passes by', () => {
    const desk = new Desk().here(0).gone(10).wait(14).here(19.5).veto(20.4).gone(20.6).wait(90);
    expect(desk.settled).toMatchObject([{ id: 'e1', veto: false }]);
  });

  test('and a press that wait together keep their order', () => {
    const desk = new Desk().here(0).press(0.5, 'happy').veto(0.7).press(0.9, 'unhappy').wait(2);
    expect(desk.effects.map((e) => e.kind)).toEqual([
      'contact-started',
      ...['pressed', 'contact-tagged', 'contact-vetoed', 'pressed', 'contact-tagged'],
    ]);
    expect(desk.state.open).toMatchObject({ veto: true, tag: 'negative' });
  });

  test('waiting at a power cut goes where it would have gone', () => {
    const desk = new Desk().here(0).gone(10).wait(14).here(15).veto(15.5).start(900, 16);
    expect(desk.settled).toMatchObject([{ id: 'e1', veto: true }]);
  });

  test('of the contact before does not touch the next one', () => {
    const desk = new Desk().here(0).veto(5).gone(10).wait(14).here(15).gone(40).wait(90);
    expect(desk.settled.map((c) => c.veto)).toEqual([true, false]);
  });
});

test('a state written by the release before is read: what it did not know has its default', () => {
  const old = (state: DeskState) =>
    JSON.stringify(state, (key, value: unknown) => (key === 'veto' ? undefined : value));
  const states = [
    EMPTY_DESK,
    new Desk().here(0).press(5, 'happy').state,
    new Desk().here(0).gone(20).wait(25).here(26).press(26.5, 'happy').state,
  ];
  for (const state of states) {
    expect(old(state)).not.toContain('veto');
    expect(restoreDesk(JSON.parse(old(state)))).toEqual(state);
  }
  expect(restoreDesk({} as DeskState)).toEqual(EMPTY_DESK);
  const vetoed = new Desk().here(0).veto(5).state;
  expect(restoreDesk(JSON.parse(JSON.stringify(vetoed)))).toEqual(vetoed);
});

test('the desk says when it wants to be woken', () => {
  const desk = new Desk();
  expect(wakeAt(settings, desk.state)).toBeNull();
  expect(wakeAt(settings, desk.here(10).state)).toBe(11_500);
  expect(wakeAt(settings, desk.wait(12).state)).toBe(3_610_000);
  expect(wakeAt(settings, desk.gone(20).state)).toBe(24_000);
  expect(wakeAt(settings, desk.wait(24).state)).toBe(30_000);
  expect(wakeAt(settings, desk.wait(30).state)).toBeNull();
});

test('an event that comes late is taken as happening now', () => {
  const desk = new Desk().here(10).wait(20).gone(15).wait(60);
  expect(desk.settled[0]).toMatchObject({ duration: 10_000 });
});

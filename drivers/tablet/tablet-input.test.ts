import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import type { InputEvent } from '../types.ts';
import { TabletInput } from './tablet-input.ts';

let clock: ManualClock;
let input: TabletInput;
let events: InputEvent[];
let fault: CaError | null;
let ids = 0;

beforeEach(() => {
  clock = new ManualClock({ mono: 100_000, wall: 1_800_000_000_000 });
  fault = null;
  events = [];
  input = new TabletInput({
    desk: 'front',
    code: 'a-secret-code',
    buttons: [
      { name: 'bad', rating: 1, tag: 'negative' },
      { name: 'good', rating: 5, tag: 'positive' },
    ],
    clock,
    fault: () => fault,
    address: () => 'http://192.168.1.20:8090',
  });
  input.start((event) => events.push(event));
});

/** A press just made, heard without delay. */
const press = (told: Partial<Parameters<TabletInput['press']>[0]> = {}) =>
  input.press({ id: `id ${++ids}`, button: 'good', ago: 0, stamp: clock.now().mono, elapsed: 0, ...told });

test('a press is stamped when it was made, on both clocks', () => {
  expect(press({ ago: 1_500 })).toBe('counted');
  expect(events).toEqual([
    { kind: 'press', button: 'good', at: { mono: 98_500, wall: 1_800_000_000_000 - 1_500 } },
  ]);
});

test('a press older than 10 s is counted as late and told to nobody', () => {
  expect(press({ ago: 10_000 })).toBe('counted');
  expect(press({ id: 'old', ago: 10_001 })).toBe('late');
  expect(press({ stamp: clock.now().mono - 60_000, elapsed: 1_000 })).toBe('late');
  expect(press({ id: 'old', ago: 12_000 })).toBe('repeated');
  expect(events).toHaveLength(1);
  expect(input.health().detail).toEqual({ tabletPresses: 1, late: 2 });
});

test('one id counts once, also when it comes again much later; ids are forgotten in the end', () => {
  press({ id: 'first' });
  expect(press({ id: 'first' })).toBe('repeated');
  for (let i = 0; i < 999; i++) press({ ago: 20_000 });
  expect(press({ id: 'first' })).toBe('repeated');
  clock.advance(1_000);
  press();
  clock.advance(1_000);
  expect(press({ id: 'first' })).toBe('counted');
});

test('presses that follow too fast are to be sent again', () => {
  expect(press()).toBe('counted');
  clock.advance(499);
  expect(press({ id: 'fast' })).toBe('too-fast');
  clock.advance(1);
  expect(press({ id: 'fast' })).toBe('counted');
});

test('only buttons of the desk, and only while somebody listens', async () => {
  expect(press({ button: 'veto' })).toBe('unknown-button');
  expect(press({ button: 'toString' })).toBe('unknown-button');
  await input.stop();
  expect(press()).toBe('closed');
  expect(events).toEqual([]);
});

test('is degraded once no page has been heard for a minute, with the address but not the code', () => {
  clock.advance(60_000);
  expect(input.health().status).toBe('ok');
  clock.advance(1_000);
  const { status, reason, detail } = input.health();
  expect(status).toBe('degraded');
  expect(detail?.code).toBe('CA_INPUT_SILENT');
  expect(reason).toContain('no tablet has shown the page of desk front for 61 s');
  expect(reason).toContain('http://192.168.1.20:8090/front/CODE');
  expect(reason).not.toContain('a-secret-code');
  input.seen();
  expect(input.health().status).toBe('ok');
});

test('says why when no page can be served at all', () => {
  fault = new CaError('CA_PORT_IN_USE', 'page for tablets: port 8090 of 0.0.0.0 is taken');
  expect(input.health()).toMatchObject({ status: 'degraded', detail: { code: 'CA_PORT_IN_USE' } });
});

import { describe, expect, test } from 'vitest';
import type { InputConfig } from '../../drivers/open.ts';
import type { DriverHealth, InputEvent } from '../../drivers/types.ts';
import { faultOf, faultThrown } from './fault.ts';
import { type InputKind, kindOf } from './input-kinds.ts';
import { ago, allWell, notTried } from './rows.ts';
import { type Heard, hear, inputRow, NOTHING, note } from './watch.ts';

const BUTTONS = ['happy', 'unhappy'];
const OK: DriverHealth = { status: 'ok' };
const LOST: DriverHealth = {
  status: 'degraded',
  reason: '/dev/ttyUSB0: No such file. Check the cable. It is tried again.',
  detail: { code: 'CA_INPUT_LOST' },
};
const line: InputKind = kindOf({ driver: 'line-protocol', port: '/dev/ttyUSB0', baud: 9600 }, BUTTONS);
const button = kindOf({ driver: 'gpio-button', button: 'happy' } as InputConfig, BUTTONS);
const reader = kindOf({ driver: 'card-reader', device: '/dev/input/x' }, BUTTONS);

const at = (mono: number) => ({ mono, wall: mono });
const presence = (mono: number, present: boolean): InputEvent => ({
  kind: 'presence',
  present,
  at: at(mono),
});
const press = (mono: number, name: string): InputEvent => ({ kind: 'press', button: name, at: at(mono) });
const lost = (mono: number): InputEvent => ({ kind: 'lost', at: at(mono) });
const all = (...events: InputEvent[]) =>
  events.reduce((heard, event) => hear(heard, event, BUTTONS), NOTHING);
const row = (kind: InputKind, heard: Heard, health = OK, now = 10_000) =>
  inputRow(kind, 'x', heard, health, now);

describe('what is heard', () => {
  test('the level, its changes, and presses by button', () => {
    const heard = all(presence(1, true), press(2, 'happy'), press(3, 'happy'), presence(4, false));
    expect(row(line, heard)).toMatchObject({
      state: 'absent',
      verdict: 'OK',
      remedy: null,
      figures: { presses: { happy: 2, unhappy: 0 }, changes: 1, losses: 0, secondsSinceHeard: 10 },
    });
    expect(row(line, all(presence(1, true))).state).toBe('PRESENT');
  });

  test('after a loss nobody knows who is there, and the first level is no change', () => {
    const heard = all(presence(1, true), lost(2));
    expect(row(line, heard)).toMatchObject({ state: '?', figures: { changes: 0, losses: 1 } });
    expect(row(line, hear(heard, presence(3, false), BUTTONS)).figures).toMatchObject({ changes: 0 });
  });

  test('a press shows for a moment: as the state of what only has buttons, else beside it', () => {
    expect(row(button, NOTHING).state).toBe('idle');
    expect(row(button, all(press(9_000, 'happy'))).state).toBe('PRESSED');
    expect(row(button, all(press(8_000, 'happy'))).state).toBe('idle');
    const both = row(line, all(presence(1, true), press(9_000, 'happy')));
    expect(both.state).toBe('PRESENT');
    expect(both.facts[0]).toBe('> happy 1 <, unhappy 0');
  });

  test('a card is counted, and its number is nowhere', () => {
    const told = row(reader, all({ kind: 'card', id: '04A1B2C3', at: at(9_500) }));
    expect(told).toMatchObject({ state: 'PRESSED', verdict: 'OK', figures: { cards: 1 } });
    expect(JSON.stringify(told)).not.toContain('04A1');
  });
});

describe('the verdict', () => {
  test('nothing heard: with what to do for this kind', () => {
    expect(row(line, NOTHING)).toMatchObject({ verdict: 'NOTHING HEARD', remedy: line.silent });
    expect(row(button, NOTHING).remedy).toContain('`pull`');
    expect(row(line, all(lost(1))).verdict).toBe('NOTHING HEARD');
  });

  test('valid lines are a sign of life of buttons that nobody pressed', () => {
    expect(row(line, NOTHING, { status: 'ok', detail: { lines: 1 } }).verdict).toBe('OK');
    expect(row(line, NOTHING, { status: 'ok', detail: { lines: 0 } }).verdict).toBe('NOTHING HEARD');
  });

  test('a fault, with its remedy, whatever was heard before; and none any more when it is back', () => {
    const heard = note(all(presence(1, true)), LOST, 8_000);
    expect(row(line, heard, LOST)).toMatchObject({
      verdict: 'FAULT',
      lastFault: '/dev/ttyUSB0: No such file',
      remedy: 'Check the cable. It is tried again.',
    });
    const back = row(line, note(heard, OK, 9_000));
    expect(back).toMatchObject({ verdict: 'OK', lastFault: '/dev/ttyUSB0: No such file', remedy: null });
    expect(back.facts).toContain('last fault 2.0 s ago: /dev/ttyUSB0: No such file');
  });

  test('a button that the desk does not have is a fault; a flood of such names is not kept', () => {
    const flood = Array.from({ length: 1_000 }, (_, n) => press(n, `b${n}`));
    const told = row(line, all(...flood, press(1_000, '__proto__')));
    expect(told).toMatchObject({ verdict: 'FAULT', figures: { presses: { happy: 0, unhappy: 0 } } });
    expect(told.remedy).toContain('`__proto__`');
    expect(JSON.stringify(told).length).toBeLessThan(600);
  });

  test('all is well when nothing that was tried is wrong', () => {
    const page = notTried({ kind: 'input', driver: 'tablet', name: 'tablet' }, 'page');
    const [good, bad] = [row(line, all(presence(1, true))), row(line, NOTHING)];
    expect(allWell({ front: [page, good], back: [good] })).toBe(true);
    expect(allWell({ front: [page, good], back: [bad] })).toBe(false);
    expect(allWell({ front: [row(line, NOTHING, LOST)] })).toBe(false);
  });
});

test('each kind of input: what it may tell, and that there is advice when it is silent', () => {
  const broker = { url: 'mqtt://127.0.0.1:1883' };
  const keys = { KEY_1: 'happy', KEY_2: 'unhappy', KEY_KP1: 'happy' };
  const of = (input: object) => kindOf(input as InputConfig, BUTTONS);
  expect(of({ driver: 'keypad', device: '/dev/input/x', keys }).buttons).toEqual(BUTTONS);
  expect(of({ driver: 'mqtt-button', broker, actions: { single: 'happy' } }).buttons).toEqual(['happy']);
  expect(of({ driver: 'camera' })).toMatchObject({ elsewhere: 'with the camera' });
  expect(of({ driver: 'tablet' })).toMatchObject({ elsewhere: 'page' });
  for (const driver of [
    'gpio-presence',
    'ld2410',
    'ld2450',
    'rd03d',
    'tf-luna',
    'maxbotix',
    'mqtt-presence',
  ]) {
    const kind = of({ driver });
    expect(kind).toMatchObject({ driver, senses: true, buttons: [], elsewhere: null });
    expect(kind.silent).not.toBe('');
  }
});

test('a fault out of a health, and out of an error, without passwords', () => {
  expect(faultOf(OK)).toBe(null);
  expect(faultOf({ status: 'failed' })).toEqual({ what: 'failed', remedy: '' });
  expect(faultOf({ status: 'degraded', reason: 'arecord: v1.2.8: no. such' })?.what).toBe(
    'arecord: v1.2.8: no. such',
  );
  expect(faultThrown(new Error('rtsp://u:p@cam/1 is gone')).what).toBe('rtsp://[redacted]@cam/1 is gone');
});

test('times ago', () => {
  expect([400, 12_300, 179_000].map(ago)).toEqual(['0.4 s ago', '12 s ago', '3 min ago']);
});

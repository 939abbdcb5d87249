import { expect, test } from 'vitest';
import { EvtestParser } from './evtest.ts';

/** The form is that of a record in the documentation of the XMOS XK-VF3610, of 1.35 by its strings; name and keys are made up. */
const RECORDED = `Input driver version is 1.0.1
Input device ID: bus 0x3 vendor 0x20b1 product 0x14 version 0x110
Input device name: "A keypad"
Supported events:
  Event type 0 (EV_SYN)
  Event type 1 (EV_KEY)
    Event code 79 (KEY_KP1)
    Event code 256 (BTN_0)
  Event type 4 (EV_MSC)
    Event code 4 (MSC_SCAN)
Key repeat handling:
  Repeat type 20 (EV_REP)
    Repeat code 0 (REP_DELAY)
      Value    250
    Repeat code 1 (REP_PERIOD)
      Value     33
Properties:
Testing ... (interrupt to exit)
Event: time 1586524983.094859, type 4 (EV_MSC), code 4 (MSC_SCAN), value 70072
Event: time 1586524983.094859, type 1 (EV_KEY), code 79 (KEY_KP1), value 1
Event: time 1586524983.094859, -------------- SYN_REPORT ------------
Event: time 1586524983.353655, type 1 (EV_KEY), code 79 (KEY_KP1), value 2
Event: time 1586524983.353655, -------------- SYN_REPORT ------------
Event: time 1586524983.403671, type 1 (EV_KEY), code 79 (KEY_KP1), value 0
Event: time 1586524983.403671, -------------- SYN_REPORT ------------
Event: time 1548326283.037408, type 1 (EV_KEY), code 256 (BTN_0), value 1
Event: time 1548326283.037408, >>>>>>>>>>>>>> SYN_DROPPED <<<<<<<<<<<<
`;

const NEWS = [
  { kind: 'open' },
  { kind: 'key', name: 'KEY_KP1', value: 'down' },
  { kind: 'key', name: 'KEY_KP1', value: 'repeat' },
  { kind: 'key', name: 'KEY_KP1', value: 'up' },
  { kind: 'key', name: 'BTN_0', value: 'down' },
  { kind: 'gap' },
];

test('recorded output, whole, cut at each place, and character by character', () => {
  expect(new EvtestParser().push(RECORDED)).toEqual(NEWS);
  for (let cut = 0; cut <= RECORDED.length; cut++) {
    const parser = new EvtestParser();
    expect([...parser.push(RECORDED.slice(0, cut)), ...parser.push(RECORDED.slice(cut))]).toEqual(NEWS);
  }
  const parser = new EvtestParser();
  expect([...RECORDED].flatMap((character) => parser.push(character))).toEqual(NEWS);
});

test('somebody else has grabbed it', () => {
  const said = `Testing ... (interrupt to exit)
***********************************************
  This device is grabbed by another process.
  No events are available to evtest while the
  other grab is active.
`;
  expect(new EvtestParser().push(said)).toEqual([{ kind: 'open' }, { kind: 'taken' }]);
});

test('what the device calls itself is no event', () => {
  const parser = new EvtestParser();
  const press = 'Event: time 1.000000, type 1 (EV_KEY), code 2 (KEY_1), value 1\n';
  expect(parser.push(`Input device name: "\n${press}  This device is grabbed by another process.\n`)).toEqual(
    [],
  );
  expect(parser.push(`Testing ... (interrupt to exit)\n${press}`)).toHaveLength(2);
});

test('garbage, other events and a line without end are left out', () => {
  const parser = new EvtestParser();
  parser.push('Testing ... (interrupt to exit)\n');
  expect(parser.push('Event: time 1.0, type 2 (EV_REL), code 0 (REL_X), value 1\n')).toEqual([]);
  expect(parser.push('Event: time 1.0, type 1 (EV_KEY), code 2 (KEY_1), value 7\n')).toEqual([]);
  expect(parser.push('Event: time 1.0, type 1 (EV_KEY), code 999 (?), value 1\n\n')).toEqual([]);
  for (let piece = 0; piece < 1_000; piece++) expect(parser.push('x'.repeat(1_000))).toEqual([]);
  expect(parser.push('\nEvent: time 1.0, type 1 (EV_KEY), code 2 (KEY_1), value 1\n')).toHaveLength(1);
});

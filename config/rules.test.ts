import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { readSource } from './source.ts';

const TODAY = '2026-06-15';

/** Path and message of each problem of a config given as plain values. */
function problems(config: unknown, today: string | null = TODAY): [path: string, message: string][] {
  const checked = check(readSource(JSON.stringify(config)), today);
  return Array.isArray(checked) ? checked.map(({ path, message }) => [path, message]) : [];
}

const paths = (config: unknown, today?: string | null) => problems(config, today).map(([path]) => path);

const port = (name: string) => ({ driver: 'line-protocol', port: name });
const script = (...steps: object[]) => ({ driver: 'scripted', steps });
const rtsp = { driver: 'rtsp', url: 'rtsp://camera/1' };
const alsa = { driver: 'alsa' };
const happy = { rating: 5, tag: 'positive' };

function config(desk: object, rest: object = {}) {
  return { device: 'd', data: 'x', desks: { front: { inputs: [port('/dev/ttyS0')], ...desk } }, ...rest };
}
function desks(...list: object[]) {
  return { device: 'd', data: 'x', desks: Object.fromEntries(list.map((desk, i) => [`desk-${i}`, desk])) };
}

describe('scores', () => {
  const capturing = { recording: { capture: 'audio+video' } };
  const scores = (values: object, rest: object = capturing) =>
    config({ camera: rtsp }, { ...rest, scores: values });

  test('of faces need the day of the notice', () => {
    expect(paths(scores({ face: true }))).toEqual(['scores.notice']);
    expect(paths(scores({ face: true, notice: '2026-01-01' }))).toEqual([]);
    expect(paths(scores({ face: false }))).toEqual([]);
  });

  test('take a notice of today, not one to come', () => {
    expect(paths(scores({ face: true, notice: TODAY }))).toEqual([]);
    expect(paths(scores({ face: true, notice: '2026-06-16' }))).toEqual(['scores.notice']);
    expect(paths(scores({ face: false, notice: '2026-06-16' }))).toEqual(['scores.notice']);
  });

  test('take any notice while the clock cannot be believed', () => {
    expect(paths(scores({ face: true, notice: '2099-01-01' }), null)).toEqual([]);
    expect(paths(scores({ face: true }), null)).toEqual(['scores.notice']);
  });

  test('report a notice that is no day once, not also as missing', () => {
    expect(problems(scores({ face: true, notice: '2026-02-30' }))).toEqual([
      ['scores.notice', 'must be a day such as 2026-01-31'],
    ]);
  });

  test('of faces need pictures', () => {
    const on = { face: true, notice: '2026-01-01' };
    expect(paths(scores(on, {}))).toEqual(['scores.face']);
    expect(paths(scores(on, { recording: { capture: 'vidoe' } }))).toEqual(['recording.capture']);
  });
});

describe('capture', () => {
  const capture = (what: string) => ({ recording: { capture: what } });

  test('of sound needs a microphone on each desk, of pictures a camera', () => {
    expect(paths(config({}, capture('audio')))).toEqual(['desks.front.microphone']);
    expect(paths(config({ camera: rtsp }, capture('audio')))).toEqual(['desks.front.microphone']);
    expect(paths(config({ microphone: alsa }, capture('audio')))).toEqual([]);
    expect(paths(config({ microphone: alsa }, capture('audio+video')))).toEqual(['desks.front.camera']);
    expect(paths(config({ camera: rtsp }, capture('audio+video')))).toEqual([]);
  });

  test('may be off where devices are named', () => {
    expect(paths(config({ camera: rtsp, microphone: alsa }, capture('counts')))).toEqual([]);
  });

  test('does not miss a camera that is there but wrong', () => {
    expect(paths(config({ camera: '/dev/video0' }, capture('audio+video')))).toEqual(['desks.front.camera']);
    expect(paths(config({ camera: { driver: 'webcam' } }, capture('audio+video')))).toEqual([
      'desks.front.camera.driver',
    ]);
  });
});

describe('a script', () => {
  test('presses buttons of its desk only', () => {
    const inputs = [script({ press: 'happy' }, { wait: '1s', present: true, press: 'hapy' })];
    expect(problems(config({ inputs, buttons: { happy } }))).toEqual([
      ['desks.front.inputs[0].steps[1].press', 'is no button of this desk'],
    ]);
    expect(paths(config({ inputs: [script({ press: 'happy' })] }))).toEqual([
      'desks.front.inputs[0].steps[0].press',
    ]);
  });

  test('does something in each step', () => {
    expect(paths(config({ inputs: [script({ wait: '1s' })] }))).toEqual(['desks.front.inputs[0].steps[0]']);
    expect(paths(config({ inputs: [script({ present: false })] }))).toEqual([]);
    expect(paths(config({ inputs: [script()] }))).toEqual(['desks.front.inputs[0].steps']);
  });
});

describe('a desk', () => {
  test('may have no buttons, or some, but no empty block of buttons; ratings may repeat', () => {
    expect(paths(config({}))).toEqual([]);
    expect(paths(config({ buttons: {} }))).toEqual(['desks.front.buttons']);
    expect(paths(config({ buttons: { left: happy, right: happy } }))).toEqual([]);
  });

  test('shares no serial port, V4L2 camera or sound card with another, nor an input with itself', () => {
    const v4l2 = { driver: 'v4l2' };
    const one = { inputs: [port('/dev/ttyS0')], camera: v4l2, microphone: alsa };
    const two = { inputs: [port('/dev/ttyS1'), port('/dev/ttyS0')], camera: v4l2, microphone: alsa };
    expect(problems(desks(one, two))).toEqual([
      ['desks.desk-1.inputs[1].port', 'is already used by desks.desk-0.inputs[0].port'],
      ['desks.desk-1.camera.device', 'is already used by desks.desk-0.camera.device'],
      ['desks.desk-1.microphone.device', 'is already used by desks.desk-0.microphone.device'],
    ]);
    expect(paths(config({ inputs: [port('/dev/ttyS0'), port('/dev/ttyS0')] }))).toEqual([
      'desks.front.inputs[1].port',
    ]);
  });

  test('may share a network camera and files', () => {
    const files = { camera: { driver: 'file', path: 'a' }, microphone: { driver: 'file', path: 'a' } };
    expect(
      paths(desks({ inputs: [port('a')], camera: rtsp }, { inputs: [port('b')], camera: rtsp })),
    ).toEqual([]);
    expect(paths(desks({ inputs: [port('a')], ...files }, { inputs: [port('b')], ...files }))).toEqual([]);
  });

  test('is one of 1 to 8', () => {
    const many = (count: number) =>
      desks(...Array.from({ length: count }, (_, i) => ({ inputs: [port(`/dev/ttyS${i}`)] })));
    expect(paths(many(0))).toEqual(['desks']);
    expect(paths(many(1))).toEqual([]);
    expect(paths(many(8))).toEqual([]);
    expect(paths(many(9))).toEqual(['desks']);
  });
});

test('a contact can last long enough to be served', () => {
  expect(paths(config({}, { contact: { max: '1min', served: '1min' } }))).toEqual(['contact.served']);
  expect(paths(config({}, { contact: { max: '1min', served: '59s' } }))).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { check } from './check.ts';
import { readSource } from './source.ts';

const TODAY = '2026-06-15';

/** Path and message of each problem of a config given as plain values. */
function problems(config: unknown, today: string | null = TODAY): [path: string, message: string][] {
  const checked = check(readSource(JSON.stringify(config)), { today, folder: '/etc/analyzer' });
  return Array.isArray(checked) ? checked.map(({ path, message }) => [path, message]) : [];
}

const paths = (config: unknown, today?: string | null) => problems(config, today).map(([path]) => path);

const port = (name: string) => ({ driver: 'line-protocol', port: name });
const script = (...steps: object[]) => ({ driver: 'scripted', steps });
const rtsp = { driver: 'rtsp', url: 'rtsp://camera/1' };
const alsa = { driver: 'alsa' };
const happy = { rating: 5, tag: 'positive' };
const vault = { key: { credential: 'device-key' } };

/** Under no law in particular: what the law refuses is tested in jurisdiction.test.ts. */
const base = { jurisdiction: 'other', device: 'd', data: 'x' };

function config(desk: object, rest: object = {}) {
  return { ...base, desks: { front: { inputs: [port('/dev/ttyS0')], ...desk } }, ...rest };
}
function desks(...list: object[]) {
  return { ...base, desks: Object.fromEntries(list.map((desk, i) => [`desk-${i}`, desk])) };
}

describe('scores', () => {
  const capturing = { recording: { capture: 'audio+video' }, vault };
  const scores = (values: object, rest: object = capturing) =>
    config({ camera: { ...rtsp, patient: { right: 0.5 } } }, { ...rest, scores: values });

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

  test('of conversations need sound', () => {
    const sound = (desk: object, capture: string) =>
      paths(config(desk, { recording: { capture }, vault, scores: { sound: true, notice: '2026-01-01' } }));
    expect(sound({ microphone: alsa }, 'counts')).toEqual(['scores.sound']);
    expect(sound({ microphone: alsa }, 'audio')).toEqual([]);
    expect(sound({}, 'audio')).toEqual(['desks.front.microphone']);
    expect(sound({ camera: rtsp }, 'audio+video')).toEqual(['scores.sound']);
    expect(sound({ camera: rtsp, microphone: alsa }, 'audio+video')).toEqual([]);
  });

  test('by models of your own need their switch, and a recogniser something to look for', () => {
    const stereo = { camera: { ...rtsp, patient: {} }, microphone: { ...alsa, patient: 'left' } };
    const own = (models: object, on: object = {}) =>
      paths(config(stereo, { ...capturing, scores: { notice: '2026-01-01', own: models, ...on } }));
    const phrases = { greeting: ['good morning'] };
    expect(own({ face: 'f' })).toEqual(['scores.own.face']);
    expect(own({ voice: 'v' })).toEqual(['scores.own.voice']);
    expect(own({ speech: 's', phrases })).toEqual(['scores.own.speech']);
    expect(own({ speech: 's' }, { sound: true })).toEqual(['scores.own.phrases']);
    expect(own({ phrases })).toEqual(['scores.own.speech']);
    expect(own({ face: 'f', voice: 'v', speech: 's', phrases }, { face: true, sound: true })).toEqual([]);
  });

  test.each([
    [{ left: 0, right: 1 }, []],
    [{}, []],
    [{ left: 0.5, right: 0.5 }, ['right']],
    [{ right: 0 }, ['right']],
    [{ left: 0.9, right: 0.1, top: 0.9, bottom: 0.1 }, ['right', 'bottom']],
    [{ top: 1 }, ['bottom']],
    [{ bottom: 1.5 }, ['bottom']],
  ])('see the patient in %j: wrong is %j', (patient, wrong) => {
    const at = wrong.map((edge) => `desks.front.camera.patient.${edge}`);
    expect(paths(config({ camera: { ...rtsp, patient } }))).toEqual(at);
  });
});

describe('uploads.hosts', () => {
  const sent = (hosts: string[], url: string) =>
    paths(config({}, { uploads: { hosts }, mqtt: { broker: 'external', url } }));

  test('names all hosts to which anything may be sent, when it names any', () => {
    expect(sent([], 'mqtt://broker.example')).toEqual([]);
    expect(sent(['other.example'], 'mqtt://broker.example')).toEqual(['mqtt.url']);
    expect(sent(['other.example', 'broker.example'], 'mqtts://Broker.Example:8883/x')).toEqual([]);
    expect(sent(['[2001:db8::7]'], 'mqtt://[2001:DB8::7]:1883')).toEqual([]);
    expect(sent(['other.example'], 'mqtt://127.0.0.1:1883')).toEqual([]);
    expect(
      paths(config({}, { uploads: { hosts: ['other.example'] }, mqtt: { broker: 'embedded' } })),
    ).toEqual([]);
  });

  test.each([
    'mqtt://broker.example.evil.example',
    'mqtt://evil.example/broker.example',
    'mqtt://evil.example#broker.example',
    'mqtt://broker.example\\evil.example',
    'mqtt://broker.example\t.evil.example',
    'mqtt://broker.example%2eevil.example',
    'mqtt://127.0.0.1.evil.example',
    'mqtt://',
  ])('is not got round by %j', (url) => {
    expect(sent(['broker.example'], url)).toEqual(['mqtt.url']);
  });

  test.each(['mqtt://broker.example', 'broker.example:1883', 'Broker.example', '*', ''])(
    'has no host %j',
    (host) => {
      expect(sent([host], 'mqtt://127.0.0.1')).toEqual(['uploads.hosts[0]']);
    },
  );
});

describe('uploads.clips', () => {
  const clips = (endpoint: string) => ({
    ...{ endpoint, bucket: 'clips', accessKey: { credential: 'a' }, secretKey: { credential: 'b' } },
  });
  const sent = (endpoint: string, hosts: string[] = []) =>
    paths(config({}, { uploads: { hosts, clips: clips(endpoint) } }));
  const fetching = (uploads: object) =>
    paths(
      config(
        {},
        { uploads, mqtt: { broker: 'external', url: 'mqtt://127.0.0.1', commands: ['veto', 'fetch'] } },
      ),
    );

  test('go to another machine by https only', () => {
    expect(sent('https://s3.example')).toEqual([]);
    expect(sent('http://s3.example')).toEqual(['uploads.clips.endpoint']);
    expect(sent('http://localhost.evil.example')).toEqual(['uploads.clips.endpoint']);
    expect(sent('http://127.0.0.1:9000')).toEqual([]);
    expect(sent('http://[::1]:9000')).toEqual([]);
  });

  test('go to a host that is named, where any is', () => {
    expect(sent('https://S3.example:443/x', ['s3.example'])).toEqual([]);
    expect(sent('https://s3.example.evil.example', ['s3.example'])).toEqual(['uploads.clips.endpoint']);
    expect(sent('http://127.0.0.1:9000', ['s3.example'])).toEqual([]);
  });

  test('may be fetched where there is somewhere to send them to', () => {
    expect(fetching({})).toEqual(['mqtt.commands[1]']);
    expect(fetching({ hosts: ['s3.example', '127.0.0.1'] })).toEqual([]);
    expect(fetching({ clips: clips('https://s3.example') })).toEqual([]);
    expect(fetching({ clips: { bucket: 'clips' } })).not.toContain('mqtt.commands[1]');
  });
});

describe('capture', () => {
  const capture = (what: string) => ({ recording: { capture: what }, vault });

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

describe('the key of the vault', () => {
  const recording = (keys: object, rest: object = {}) =>
    config({ microphone: alsa }, { recording: { capture: 'audio', ...keys }, ...rest });

  test('is needed where clips are stored', () => {
    expect(problems(recording({}))).toEqual([
      ['vault.key', 'is missing: recording.capture is audio, and clips are stored encrypted only'],
    ]);
    expect(paths(recording({ keep: 'all' }))).toEqual(['vault.key']);
    expect(paths(recording({}, { vault: { max: '1GB' } }))).toEqual(['vault.key']);
    expect(paths(recording({}, { vault }))).toEqual([]);
    expect(paths(recording({ keep: 'none' }))).toEqual([]);
    expect(paths(recording({ capture: 'counts' }))).toEqual([]);
  });

  test('is missing with the way to make one', () => {
    const checked = check(readSource(JSON.stringify(recording({}))), { today: TODAY, folder: '/' });
    expect(checked).toMatchObject([
      { remedy: expect.stringContaining('openssl rand -hex 32 > FILE; chmod 600 FILE') },
    ]);
  });

  test('is not also missing where it, what needs it or its block is wrong', () => {
    expect(paths(recording({}, { vault: { key: 'abc' } }))).toEqual(['vault.key']);
    expect(paths(recording({}, { vault: null }))).toEqual(['vault']);
    expect(paths(recording({ capture: 'vidoe' }))).toEqual(['recording.capture']);
    expect(paths(recording({ keep: 'some' }))).toEqual(['recording.keep']);
  });

  test.each([
    ['/var/analyzer', '/var/analyzer/device.key', true],
    ['/var/analyzer', '/var/analyzer/sub/device.key', true],
    ['/var/analyzer', '/var/analyzer', true],
    ['/var/analyzer/', '/var/analyzer/../analyzer/device.key', true],
    ['data', 'data/device.key', true],
    ['data', '/etc/analyzer/data/device.key', true],
    ['/etc/analyzer', 'device.key', true],
    ['/etc/analyzer/data', 'data/../device.key', false],
    ['/var/analyzer', '/var/analyzer.key', false],
    ['data', 'device.key', false],
    ['../data', 'data/device.key', false],
  ])('with data: %s, the file %s lies below it: %s', (data, file, below) => {
    const found = paths({ ...config({}), data, vault: { key: { file } } });
    expect(found).toEqual(below ? ['vault.key.file'] : []);
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

  test('may press a button that rates nothing', () => {
    const inputs = [script({ press: 'stop' })];
    expect(paths(config({ inputs, buttons: { stop: { does: 'veto' } } }))).toEqual([]);
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

  test('has buttons that rate and buttons that do something, but none of both or neither', () => {
    const bad = 'must have a rating and a tag, or `does` alone, or `does: shift` with a receptionist';
    expect(paths(config({ buttons: { happy, stop: { does: 'veto' } } }))).toEqual([]);
    expect(paths(config({ buttons: { stop: { does: 'pause' } } }))).toEqual([]);
    for (const wrong of [
      {},
      { rating: 5 },
      { tag: 'positive' },
      { ...happy, does: 'veto' },
      { rating: 5, does: 'veto' },
      { tag: 'positive', does: 'pause' },
    ])
      expect(problems(config({ buttons: { wrong } }))).toEqual([['desks.front.buttons.wrong', bad]]);
    expect(paths(config({ buttons: { wrong: { rating: 50, tag: 'good' } } }))).toEqual([
      'desks.front.buttons.wrong.rating',
      'desks.front.buttons.wrong.tag',
    ]);
    expect(paths(config({ buttons: { wrong: { does: 'coffee' } } }))).toEqual([
      'desks.front.buttons.wrong.does',
    ]);
  });

  test('has a lamp of its own, perhaps at the port of one of its inputs, then at its speed', () => {
    const led = { lamp: { driver: 'led', name: 'recording' } };
    const wired = (name: string, rest: object = {}) => ({ lamp: { ...port(name), ...rest } });
    const [one, two] = [{ inputs: [port('/dev/ttyS0')] }, { inputs: [port('/dev/ttyS1')] }];
    expect(paths(config(led))).toEqual([]);
    expect(paths(config(wired('/dev/ttyS0')))).toEqual([]);
    expect(paths(config(wired('/dev/ttyS7', { baud: 9_600 })))).toEqual([]);
    expect(problems(config(wired('/dev/ttyS0', { baud: 9_600 })))).toEqual([
      ['desks.front.lamp.baud', 'is not the 115200 of desks.front.inputs[0], which is at the same port'],
    ]);
    expect(problems(desks({ ...one, ...led }, { ...two, ...led }))).toEqual([
      ['desks.desk-1.lamp.name', 'is already used by desks.desk-0.lamp.name'],
    ]);
    expect(paths(desks(one, { ...two, ...wired('/dev/ttyS0') }))).toEqual(['desks.desk-1.lamp.port']);
    expect(paths(desks({ ...one, ...wired('/dev/ttyS1') }, two))).toEqual(['desks.desk-1.inputs[0].port']);
    expect(paths(desks({ ...one, ...wired('/dev/ttyS0') }, { ...two, ...wired('/dev/ttyS1') }))).toEqual([]);
    expect(paths(desks({ ...one, ...wired('recording') }, { ...two, ...led }))).toEqual([]);
  });

  test.each(['../etc', '/sys/class/leds/a', '.', 'a/b', ''])('has no LED "%s"', (name) => {
    expect(paths(config({ lamp: { driver: 'led', name } }))).toEqual(['desks.front.lamp.name']);
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

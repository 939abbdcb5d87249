import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CaError } from '../device/errors.ts';
import { ConfigError, loadConfig } from './load.ts';

const TODAY = '2026-06-15';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string) {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  return loadConfig(file, { today: TODAY });
}

function failure(text: string): ConfigError {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the config was accepted');
}

/** Each problem as `line path`. */
const places = (text: string) => failure(text).problems.map(({ line, path }) => `${line} ${path}`);

const SMALLEST = `device: clinic-1
data: data
desks:
  front:
    inputs: [{ driver: line-protocol, port: /dev/serial0 }]
`;

describe('a good config', () => {
  test('may be as small as this: the defaults capture nothing and score nothing', () => {
    const { config } = load(SMALLEST);
    expect(config.recording.capture).toBe('counts');
    expect(config.scores.face).toBe(false);
    expect(config.arrival.confirm).toBe(1_500);
    expect(config.store.keepEvents).toBe(1_209_600_000);
    expect(config.mqtt).toBeUndefined();
    expect(config.recording).toMatchObject({ keep: 'negative', sample: 0.1, pause: 900_000 });
    expect(config.vault).toEqual({ max: 20_000_000_000, free: 1_000_000_000, age: 7_776_000_000 });
    expect(config.desks.front?.buttons).toEqual({});
  });

  test('has its paths relative to its own folder', () => {
    const { config, file } = load(`device: clinic-1
data: ../data
mqtt: { broker: external, url: mqtt://hub, password: { file: secrets/broker } }
vault: { key: { file: ../device.key } }
desks:
  front:
    inputs: [{ driver: line-protocol, port: /dev/serial0 }]
    camera: { driver: file, path: media/camera.mp4 }
    microphone: { driver: file, path: /media/dialogue.wav }
`);
    expect(file).toBe(join(folder, 'config.yaml'));
    expect(config.data).toBe(join(folder, '../data'));
    expect(config.mqtt).toMatchObject({ password: { file: join(folder, 'secrets/broker') } });
    expect(config.vault.key).toEqual({ file: join(folder, '../device.key') });
    expect(config.desks.front?.camera).toMatchObject({ path: join(folder, 'media/camera.mp4') });
    expect(config.desks.front?.microphone).toMatchObject({ path: '/media/dialogue.wav' });
    expect(config.desks.front?.inputs[0]).toMatchObject({ port: '/dev/serial0' });
  });

  test('has models of its own beside it', () => {
    const { config } = load(`device: clinic-1
data: ../data
jurisdiction: other
vault: { key: { file: ../device.key } }
recording: { capture: audio+video }
scores: { face: true, sound: true, notice: 2026-01-01, own: { face: models/faces, voice: /opt/voice } }
desks:
  front:
    inputs: [{ driver: line-protocol, port: /dev/serial0 }]
    camera: { driver: rtsp, url: rtsp://camera/, patient: { left: 0.5 } }
    microphone: { driver: alsa, patient: left }
`);
    expect(config.scores.own).toEqual({
      face: join(folder, 'models/faces'),
      voice: '/opt/voice',
      phrases: {},
    });
  });
});

describe('a bad config', () => {
  test('gives all problems at once, in the order of the file, each with its line', () => {
    const text = `device: Clinic 1
recordin: { capture: audio }
arrival:
  confirm: 15
recording:
  capture: audio
  preRoll: 90s
scores:
  face: true
  notice: 2026-06-16
mqtt:
  broker: aws
page:
desks:
  front:
    inputs:
      - driver: serial
      - driver: line-protocol
        baud: fast
      - driver: scripted
        steps:
          - wait: 1s
          - press: hapy
    buttons:
      happy: { rating: 50, tag: positiv }
`;
    expect(places(text)).toEqual([
      '1 device',
      '1 data',
      '1 vault.key',
      '2 recordin',
      '4 arrival.confirm',
      '5 recording.soundBasis',
      '7 recording.preRoll',
      '8 scores.basis',
      '9 scores.face',
      '10 scores.notice',
      '12 mqtt.broker',
      '13 page',
      '15 desks.front.microphone',
      '17 desks.front.inputs[0].driver',
      '18 desks.front.inputs[1].port',
      '19 desks.front.inputs[1].baud',
      '22 desks.front.inputs[2].steps[0]',
      '23 desks.front.inputs[2].steps[1].press',
      '25 desks.front.buttons.happy.rating',
      '25 desks.front.buttons.happy.tag',
    ]);
  });

  test('shows a value, what is wrong with it and what to do, one problem a line', () => {
    const error = failure(SMALLEST.replace('port:', 'baud: fast, port:').replace('data: data\n', ''));
    expect(error).toBeInstanceOf(CaError);
    expect(error.code).toBe('CA_CONFIG_INVALID');
    expect(error.message.split('\n')).toEqual([
      'config.yaml has 2 problems:',
      'line 1: data: is missing. Add a text: Folder of the store and the clips.',
      'line 4: desks.front.inputs[0].baud = "fast": must be a whole number from 300 to 4000000. ' +
        'Left out, it is 115200. Speed of the serial line; the same as in the sensor.',
    ]);
    expect(error.problems[1]).toMatchObject({ path: 'desks.front.inputs[0].baud', line: 4, value: 'fast' });
  });

  test.each([
    ['arival: {}', 'arival', 'Did you mean `arrival`?'],
    ['recording: { preroll: 5s }', 'recording.preroll', 'Did you mean `preRoll`?'],
    ['mqtt: { broker: external, url: mqtt://h, usr: a }', 'mqtt.usr', 'Did you mean `user`?'],
    ['mqtt: { broker: embedded, url: mqtt://h }', 'mqtt.url', 'The settings here are broker, port.'],
    ['mqtt: { broker: externl }', 'mqtt.broker', 'Did you mean `external`?'],
    ['mqtt: { broker: external, url: mqtt://h, version: 5 }', 'mqtt.version', 'Did you mean `"5"`?'],
    ['vault: { kye: { file: a } }', 'vault.kye', 'Did you mean `key`?'],
    ['vault: { max: 20GiB }', 'vault.max', 'Left out, it is 20GB.'],
    ['recording: { ringOnDisk: yes }', 'recording.ringOnDisk', 'Only with these words'],
    ['"ar.rival ": {}', '["ar.rival "]', 'Did you mean `arrival`?'],
    ['retention: 5d', 'retention', 'The settings here are jurisdiction, device, data,'],
  ])('%s: %s → %s', (line, path, remedy) => {
    const [problem, ...others] = failure(SMALLEST + line).problems;
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path, line: 6, remedy: expect.stringContaining(remedy) });
  });

  test('names the drivers there are', () => {
    const [problem] = failure(SMALLEST.replace('line-protocol', 'gpio')).problems;
    expect(problem).toMatchObject({
      path: 'desks.front.inputs[0].driver',
      value: 'gpio',
      message: expect.stringMatching(/^must be one of `line-protocol`, `gpio-presence`, .*, `scripted`$/),
    });
  });

  test.each([
    ['an empty file', '', 'is empty'],
    ['a list', '- device: x', 'must be a block'],
    ['one word', 'hello', 'must be a block'],
  ])('%s', (_what, text, message) => {
    expect(failure(text).problems).toMatchObject([{ path: '', line: 1, message }]);
  });
});

describe('a file that is not YAML, or more YAML than a config needs', () => {
  test.each([
    ['a key that stands twice', 'device: a\ndata: b\ndevice: c\n', 3, 'column 1: this key stands twice'],
    ['a tab', 'arrival:\n\tconfirm: 1s\n', 2, 'column 1: a tab'],
    ['a quote that does not end', 'data: x\ndevice: "a\n', 3, 'column 1: a closing quote'],
    ['two settings on a line', 'data: x\ndevice: a: b\n', 2, 'column 9: two settings on one line'],
    ['a tag', 'device: !secret name\n', 1, 'column 9: a tag such as !secret'],
    ['an alias', 'device: &name a\ndata: *name\n', 2, 'column 7: an alias'],
    ['an alias of nothing', 'data: *nothing\n', 1, 'column 7: an alias'],
    ['two documents', 'device: a\n---\ndata: b\n', 2, 'column 1: a second document'],
  ])('%s', (_what, text, line, message) => {
    const [problem] = failure(text).problems;
    expect(problem).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  test('cannot be read', () => {
    expect(() => loadConfig(join(folder, 'missing.yaml'), { today: TODAY })).toThrow(
      expect.objectContaining({
        code: 'CA_CONFIG_UNREADABLE',
        message: expect.stringContaining('missing.yaml'),
      }),
    );
    expect(() => loadConfig(folder, { today: TODAY })).toThrow(
      expect.objectContaining({ code: 'CA_CONFIG_UNREADABLE' }),
    );
  });
});

describe('a secret that stands in the config', () => {
  const SECRET = 'hunter2';
  /** Forms in which somebody might write it: plain, quoted, in a block or a list, with what YAML takes for its own. */
  const written = fc
    .tuple(fc.string({ maxLength: 6 }), fc.string({ maxLength: 6 }))
    .map(([before, after]) => `${before}${SECRET}${after}`.replace(/[\r\n]/g, ' '))
    .chain((secret) =>
      fc.constantFrom(
        secret,
        JSON.stringify(secret),
        `'${secret}'`,
        `{ value: ${JSON.stringify(secret)} }`,
        `{ ${JSON.stringify(secret)}: 1 }`,
        `[${JSON.stringify(secret)}]`,
        `{ file: 5, text: ${JSON.stringify(secret)} }`,
        `{ credential: ${JSON.stringify(`/${secret}`)} }`,
        `!${secret}`,
        `*${SECRET}`,
        `"\\q${SECRET}`,
        `|\n      ${secret}`,
      ),
    );
  const places: [string, (secret: string) => string][] = [
    ['password of the broker', (s) => `mqtt:\n  broker: external\n  url: mqtt://h\n  password: ${s}\n`],
    ['key of the vault', (s) => `vault:\n  key: ${s}\n`],
    ['key of the vault as a file', (s) => `vault:\n  key: { file: { is: ${JSON.stringify(s)} } }\n`],
    ['misspelt password', (s) => `mqtt:\n  broker: external\n  url: mqtt://h\n  pasword: ${s}\n`],
    ['password without a broker', (s) => `mqtt:\n  password: ${s}\n`],
    ['password of the wrong broker', (s) => `mqtt:\n  broker: embedded\n  password: ${s}\n`],
    ['instead of the broker', (s) => `mqtt: ${s}\n`],
    [
      'password of a camera',
      (s) => `desks:\n  back:\n    camera:\n      driver: rtsp\n      password: ${s}\n`,
    ],
  ];

  test.each(places)('is an error, and is shown nowhere: %s', (_what, config) => {
    fc.assert(
      fc.property(written, (secret) => {
        const error = failure(`device: a\n${config(secret)}`);
        expect(error.message).not.toContain(SECRET);
        expect(JSON.stringify(error.problems)).not.toContain(SECRET);
      }),
      { numRuns: 60 },
    );
  });

  test('is shown nowhere: an address without its beginning', () => {
    const error = failure(`${SMALLEST}mqtt: { broker: external, url: 'me:hunter2' }\n`);
    expect(error.problems).toMatchObject([{ path: 'mqtt.url', value: null }]);
    expect(error.message).not.toContain(SECRET);
  });

  test.each(['mqtt://me:hunter2@hub', 'mqtts://hunter2@hub', 'me:hunter2@hub', 'http://hub/hunter2'])(
    'is an error, and is shown nowhere: in the address %s',
    (url) => {
      for (const mqtt of [`{ broker: external, url: '${url}' }`, `{ broker: '${url}' }`, `'${url}'`]) {
        const error = failure(`${SMALLEST}mqtt: ${mqtt}\n`);
        expect(error.message).toContain('line 6: mqtt');
        expect(error.message).not.toContain(SECRET);
      }
    },
  );
});

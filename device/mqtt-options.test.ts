import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { check } from '../config/check.ts';
import type { Config } from '../config/schema.ts';
import { readSource } from '../config/source.ts';
import { Authority, type Issued } from '../test/stand-ins/certificates.ts';
import { homeAssistantOf, mqttOptionsOf } from './mqtt-options.ts';

const FOLDER = '/nowhere';

function configOf(mqtt: object): Config {
  const input = { driver: 'line-protocol', port: '/dev/ttyS0' };
  const buttons = {
    happy: { rating: 5, tag: 'positive' },
    sad: { rating: 1, tag: 'negative' },
    stop: { does: 'veto' },
  };
  const text = JSON.stringify({
    ...{ jurisdiction: 'other', device: 'clinic', data: 'x', mqtt },
    desks: { front: { inputs: [input], buttons }, back: { inputs: [{ ...input, port: '/dev/ttyS1' }] } },
  });
  const checked = check(readSource(text), { today: null, folder: FOLDER });
  if (Array.isArray(checked)) throw new Error(JSON.stringify(checked));
  return checked;
}

function optionsOf(mqtt: object) {
  return mqttOptionsOf(configOf({ broker: 'external', ...mqtt }).mqtt as NonNullable<Config['mqtt']>);
}

test('certificates are read when they are wanted, and only for mqtts://', () => {
  expect(optionsOf({ url: 'mqtt://127.0.0.1' }).tls).toBeUndefined();
  // Those of the system.
  expect(optionsOf({ url: 'mqtts://broker.example' }).tls?.()).toEqual({ expiries: [] });
  const missing = optionsOf({ url: 'mqtts://broker.example', tls: { ca: join(FOLDER, 'ca.crt') } });
  expect(missing.tls).toThrow(expect.objectContaining({ code: 'CA_CERTIFICATE_INVALID' }));
  expect(missing.tls).toThrow(join(FOLDER, 'ca.crt'));
});

describe('a key', () => {
  let folder: string;
  let own: Issued;
  let foreign: Issued;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ca-mqtt-options-'));
    const authority = new Authority(join(folder, 'ca'), 'Clinic');
    own = authority.issue('clinic');
    foreign = authority.issue('other');
    copyFileSync(foreign.key, join(folder, 'credential.key'));
  });

  afterEach(() => vi.unstubAllEnvs());

  afterAll(() => rmSync(folder, { recursive: true }));

  const withKey = (key: object) =>
    optionsOf({ url: 'mqtts://broker.example', tls: { certificate: own.certificate, key } }).tls;

  test('is a secret: one that everybody may read is refused', () => {
    expect(withKey({ file: own.key })?.()).toMatchObject({ key: readFileSync(own.key, 'utf8') });
    chmodSync(own.key, 0o644);
    expect(withKey({ file: own.key })).toThrow(
      expect.objectContaining({
        code: 'CA_SECRET_UNREADABLE',
        message: expect.stringContaining(own.key),
        remedy: expect.stringContaining(`chmod 600 ${own.key}`),
      }),
    );
    chmodSync(own.key, 0o600);
  });

  test('of another certificate is told of by its file, or by the name of its credential', () => {
    const invalid = (says: string) =>
      expect.objectContaining({
        code: 'CA_CERTIFICATE_INVALID',
        message: `${says} is not the key of ${own.certificate}`,
      });
    expect(withKey({ file: foreign.key })).toThrow(invalid(foreign.key));
    vi.stubEnv('CREDENTIALS_DIRECTORY', folder);
    expect(withKey({ credential: 'credential.key' })).toThrow(invalid('the credential credential.key'));
  });
});

test('a password is read when it is wanted', () => {
  const { password } = optionsOf({
    ...{ url: 'mqtt://127.0.0.1', user: 'me', password: { file: join(FOLDER, 'password') } },
  });
  expect(password).toThrow(expect.objectContaining({ code: 'CA_SECRET_UNREADABLE' }));
});

test('Home Assistant is shown the buttons that rate', () => {
  const config = configOf({
    ...{ broker: 'external', url: 'mqtt://127.0.0.1', commands: ['pause'], homeAssistant: {} },
  });
  if (config.mqtt?.broker !== 'external' || !config.mqtt.homeAssistant) throw new Error('not as written');
  expect(homeAssistantOf(config, config.mqtt.commands, config.mqtt.homeAssistant)).toMatchObject({
    prefix: 'homeassistant',
    commands: ['pause'],
    desks: [
      { desk: 'front', buttons: ['happy', 'sad'] },
      { desk: 'back', buttons: [] },
    ],
  });
});

import { expect, test } from 'vitest';
import { check } from './check.ts';
import { readSource } from './source.ts';

function paths(mqtt: object): string[] {
  const input = { driver: 'line-protocol', port: '/dev/ttyS0' };
  const config = {
    ...{ jurisdiction: 'other', device: 'd', data: 'x', desks: { front: { inputs: [input] } } },
    mqtt: { broker: 'external', ...mqtt },
  };
  const checked = check(readSource(JSON.stringify(config)), { today: '2026-06-15', folder: '/etc/analyzer' });
  return Array.isArray(checked) ? checked.map(({ path }) => path) : [];
}

const url = 'mqtts://broker.example';
const key = { file: 'device.key' };

test('certificates are for mqtts:// alone', () => {
  expect(paths({ url, tls: { ca: 'ca.crt' } })).toEqual([]);
  expect(paths({ url: 'mqtt://broker.example', tls: { ca: 'ca.crt' } })).toEqual(['mqtt.tls']);
  expect(paths({ url: 'mqtt://broker.example' })).toEqual([]);
  expect(paths({ url: 'mqtt://broker.example', tls: {} })).toEqual([]);
});

test('a certificate and its key go together', () => {
  expect(paths({ url, tls: { certificate: 'device.crt', key } })).toEqual([]);
  expect(paths({ url, tls: { certificate: 'device.crt' } })).toEqual(['mqtt.tls.key']);
  expect(paths({ url, tls: { key } })).toEqual(['mqtt.tls.certificate']);
  // What is wrong by itself is told as such.
  expect(paths({ url, tls: { certificate: 'device.crt', key: 'secret' } })).toEqual(['mqtt.tls.key']);
});

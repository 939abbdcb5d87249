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

function pagePaths(page: object): string[] {
  const input = { driver: 'line-protocol', port: '/dev/ttyS0' };
  const config = {
    jurisdiction: 'other',
    device: 'd',
    data: 'x',
    desks: { front: { inputs: [input] } },
    page,
  };
  const checked = check(readSource(JSON.stringify(config)), { today: '2026-06-15', folder: '/etc/analyzer' });
  return Array.isArray(checked) ? checked.map(({ path }) => path) : [];
}

test('the page is served at an address, under names, with a certificate and its key', () => {
  for (const host of ['127.0.0.1', '::1', '0.0.0.0', '::', '192.0.2.7', '2001:db8::7'])
    expect(pagePaths({ host }), host).toEqual([]);
  for (const host of ['localhost', '192.0.2.700', '', '[::1]'])
    expect(pagePaths({ host }), host).toEqual(['page.host']);
  expect(pagePaths({ names: ['reception.clinic.example', '192.0.2.7'] })).toEqual([]);
  expect(
    pagePaths({ names: ['https://reception.example', 'Reception.example', 'reception.example:8443'] }),
  ).toEqual([...['page.names[0]', 'page.names[1]', 'page.names[2]']]);
  expect(pagePaths({ tls: { certificate: 'page.crt', key } })).toEqual([]);
  expect(pagePaths({ tls: { certificate: 'page.crt' } })).toEqual(['page.tls.key']);
});

import { expect, test } from 'vitest';
import { isOurHost } from './guard.ts';

const names = ['reception.clinic.example', '[2001:db8::5]'];

test.each([
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['127.0.0.1:8080', true],
  ['127.3.2.1', true],
  ['[::1]:8080', true],
  ['reception.clinic.example', true],
  ['Reception.Clinic.Example:8443', true],
  ['[2001:db8::5]:8443', true],
  ['192.0.2.7:8443', true],
  [undefined, false],
  ['', false],
  ['192.0.2.8', false],
  ['192.0.2.7.evil.example', false],
  ['evil.example', false],
  ['reception.clinic.example.evil.example', false],
  ['evil-reception.clinic.example', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example', false],
  ['localhost:8080:8080', false],
  ['::1', false],
])('%s: %s', (host, ours) => {
  expect(isOurHost(host, names, '192.0.2.7')).toBe(ours);
  expect(isOurHost(host, names, '::ffff:192.0.2.7')).toBe(ours);
});

test('the address at which the connection arrived, IPv6 in brackets; none that is gone', () => {
  expect(isOurHost('[2001:db8::9]:80', [], '2001:db8::9')).toBe(true);
  expect(isOurHost('[2001:db8::9]', [], '2001:db8::8')).toBe(false);
  expect(isOurHost('undefined', [], undefined)).toBe(false);
});

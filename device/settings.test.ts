import { expect, test } from 'vitest';
import { check } from '../config/check.ts';
import type { Config } from '../config/schema.ts';
import { readSource } from '../config/source.ts';
import { doesOf, settingsOf } from './settings.ts';

function configWith(buttons: object): Config {
  const inputs = [{ driver: 'line-protocol', port: '/dev/serial0' }];
  const text = JSON.stringify({ device: 'd', data: 'x', desks: { front: { inputs, buttons } } });
  const config = check(readSource(text), { today: null, folder: '/' });
  if (Array.isArray(config)) throw new Error(JSON.stringify(config));
  return config;
}

const happy = { rating: 4, tag: 'positive' };
const unhappy = { rating: 1, tag: 'negative' };

test('the domain knows the buttons that rate; the others do something', () => {
  const config = configWith({ happy, stop: { does: 'veto' }, unhappy, privacy: { does: 'pause' } });
  expect(settingsOf(config, 'front').buttons).toEqual({
    happy: { ...happy, top: true },
    unhappy: { ...unhappy, top: false },
  });
  expect([...doesOf(config, 'front')]).toEqual([
    ['stop', { does: 'veto' }],
    ['privacy', { does: 'pause' }],
  ]);
});

test('a desk may have one kind of button only, and a desk that is not there has none', () => {
  const deeds = configWith({ stop: { does: 'veto' } });
  expect(settingsOf(deeds, 'front').buttons).toEqual({});
  expect([...doesOf(deeds, 'front').keys()]).toEqual(['stop']);
  expect([...doesOf(configWith({ happy }), 'front')]).toEqual([]);
  expect(settingsOf(deeds, 'gone').buttons).toEqual({});
  expect([...doesOf(deeds, 'gone')]).toEqual([]);
});

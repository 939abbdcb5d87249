import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, it, test } from 'vitest';
import { parseDeviceKey } from './device-key.ts';

const text = randomBytes(32).toString('hex');
const key = parseDeviceKey(text);
const fileKey = randomBytes(32);
const context = Buffer.from('a file');

it('unwraps what it wrapped, and wraps it differently each time', () => {
  const [one, two] = [key.wrap(fileKey, context), key.wrap(fileKey, context)];
  expect(one).toHaveLength(60);
  expect(one.equals(two)).toBe(false);
  for (const wrapped of [one, two]) expect(key.unwrap(wrapped, context).equals(fileKey)).toBe(true);
});

test.each([
  [
    'another key',
    () => parseDeviceKey(randomBytes(32).toString('hex')).unwrap(key.wrap(fileKey, context), context),
  ],
  ['another context', () => key.unwrap(key.wrap(fileKey, context), Buffer.from('a life'))],
  ['fewer bytes', () => key.unwrap(key.wrap(fileKey, context).subarray(0, 59), context)],
  ...[0, 12, 44, 59].map((place): [string, () => Buffer] => [
    `byte ${place} changed`,
    () => {
      const wrapped = key.wrap(fileKey, context);
      wrapped[place] = (wrapped[place] ?? 0) ^ 1;
      return key.unwrap(wrapped, context);
    },
  ]),
])('unwraps nothing for %s', (_, unwrap) => {
  expect(unwrap).toThrow(expect.objectContaining({ code: 'CA_VAULT_WRONG_KEY' }));
});

it('is the same key in capitals and with the line end of a file', () => {
  expect(parseDeviceKey(`  ${text.toUpperCase()}\n`).id).toBe(key.id);
});

test.each(['', text.slice(1), `${text}0`, `${text.slice(1)}g`, `${text.slice(0, 32)} ${text.slice(32)}`])(
  'a text that is no key is not repeated: %#',
  (wrong) => {
    try {
      parseDeviceKey(wrong);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'CA_VAULT_KEY_INVALID' });
      const told = inspect(error, { depth: 9 }).replace(/^ +at .*/gm, '');
      if (wrong.length > 0) expect(told).not.toContain(wrong.slice(0, 16));
      expect(told).toContain('openssl rand -hex 32');
    }
  },
);

it('does not show itself', () => {
  const shown = inspect(key, { depth: 9, showHidden: true }) + JSON.stringify(key);
  expect(shown).not.toContain(text.slice(0, 8));
  expect(text).not.toContain(key.id);
});

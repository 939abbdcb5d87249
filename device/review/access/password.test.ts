import { expect, test } from 'vitest';
import { checkPassword, Passwords } from './password.ts';

const passwords = new Passwords();

test('a password is known again by its hash, and no other', async () => {
  const hash = await passwords.hash('Ąžuolas ir eglė');
  expect(hash).toMatch(/^scrypt\$15\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(await passwords.matches('Ąžuolas ir eglė', hash)).toBe(true);
  // The same letters, typed as letter and accent.
  expect(await passwords.matches('Ąžuolas ir eglė'.normalize('NFD'), hash)).toBe(true);
  expect(await passwords.matches('ąžuolas ir eglė', hash)).toBe(false);
  expect(await passwords.hash('Ąžuolas ir eglė')).not.toBe(hash);
});

test('one of an earlier cost is still known', async () => {
  const earlier = 'scrypt$14$8$1$AAAAAAAAAAAAAAAAAAAAAA$';
  const { scryptSync } = await import('node:crypto');
  const key = scryptSync('correct horse', Buffer.alloc(16), 32, { N: 2 ** 14, r: 8, p: 1 });
  expect(await passwords.matches('correct horse', earlier + key.toString('base64url'))).toBe(true);
  expect(await passwords.matches('wrong horse', earlier + key.toString('base64url'))).toBe(false);
});

test('where there is none, it takes the same work to say no', async () => {
  const took = async (hash: string | null) => {
    const { user: before } = process.cpuUsage();
    expect(await passwords.matches('correct horse', hash)).toBe(false);
    return process.cpuUsage().user - before;
  };
  const hash = await passwords.hash('battery staple');
  expect((await took(null)) / (await took(hash))).toBeGreaterThan(0.3);
});

test('two at a time, and not any number waits', async () => {
  const hash = await passwords.hash('correct horse');
  const tried = await Promise.allSettled(
    Array.from({ length: 25 }, () => passwords.matches('correct horse', hash)),
  );
  const refused = tried.filter(({ status }) => status === 'rejected');
  expect(refused.length).toBe(3);
  expect(refused[0]).toMatchObject({ reason: { statusCode: 503 } });
  // The places are free again.
  expect(await passwords.matches('correct horse', hash)).toBe(true);
});

test.each([
  ['nine char', false],
  ['ten chars!', true],
  ['žžžžžžžžž', false],
  ['aaaaaaaaaaaaaaa', false],
  ['anna.petraitė', false],
  ['Anna.Petraitė1', false],
  ['anna.petraitė ir kiti', true],
])('"%s": %s', (password, good) => {
  const check = () => checkPassword(password, 'Anna.Petraitė');
  if (good) check();
  else expect(check).toThrow(expect.objectContaining({ statusCode: 400 }));
});

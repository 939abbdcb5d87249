import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSecret, readSecretText, secretReference } from './secret.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'secret-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function secretFile(name: string, text: string, mode = 0o600): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

function errorOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

test('is the first line of the file, without its line end', () => {
  expect(readSecret({ file: secretFile('unix', 'hunter2\nnot this\n') })).toBe('hunter2');
  expect(readSecret({ file: secretFile('windows', 'hunter2\r\n') })).toBe('hunter2');
  expect(readSecret({ file: secretFile('spaces', ' hunter 2 ') })).toBe(' hunter 2 ');
});

test('is the systemd credential of that name', () => {
  secretFile('broker-password', 'hunter2\n', 0o400);
  const reference = { credential: 'broker-password' };
  expect(readSecret(reference, { CREDENTIALS_DIRECTORY: folder })).toBe('hunter2');
  expect(errorOf(() => readSecret(reference, {}))).toMatchObject({
    code: 'CA_SECRET_UNREADABLE',
    remedy: expect.stringContaining('LoadCredential=broker-password:'),
  });
});

test('a credential cannot be named that lies outside of the folder of credentials', () => {
  for (const credential of ['../unix', '/etc/hostname', '..', '.', 'a/b', '']) {
    expect(secretReference.safeParse({ credential }).success).toBe(false);
  }
});

test('is refused when the file is not there, or is empty', () => {
  const missing = join(folder, 'missing');
  expect(errorOf(() => readSecret({ file: missing }))).toMatchObject({
    code: 'CA_SECRET_UNREADABLE',
    message: expect.stringContaining(missing),
  });
  for (const text of ['', '\n', '\nhunter2\n']) {
    const error = errorOf(() => readSecret({ file: secretFile('empty', text) }));
    expect(error).toMatchObject({
      code: 'CA_SECRET_UNREADABLE',
      message: expect.stringContaining('is empty'),
    });
  }
});

test('is refused when everybody may read the file, and the secret is not in the error', () => {
  const file = secretFile('open', 'hunter2\n', 0o644);
  const error = errorOf(() => readSecret({ file }));
  expect(error).toMatchObject({
    code: 'CA_SECRET_UNREADABLE',
    remedy: expect.stringContaining(`chmod 600 ${file}`),
  });
  expect(String(error)).not.toContain('hunter2');
  expect(readSecret({ file: secretFile('group', 'hunter2\n', 0o640) })).toBe('hunter2');
});

test('is the whole file where a key has many lines, under the same rules', () => {
  const pem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  expect(readSecretText({ file: secretFile('key.pem', pem) })).toBe(pem);
  expect(readSecretText({ credential: 'key.pem' }, { CREDENTIALS_DIRECTORY: folder })).toBe(pem);
  for (const [name, text, mode] of [
    ['open.pem', pem, 0o644],
    ['empty.pem', ' \n\n', 0o600],
  ] as const) {
    const error = errorOf(() => readSecretText({ file: secretFile(name, text, mode) }));
    expect(error).toMatchObject({
      code: 'CA_SECRET_UNREADABLE',
      message: expect.stringContaining(name),
    });
    expect(String(error)).not.toContain('AAAA');
  }
});

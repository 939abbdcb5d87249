import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const CONFIG = `
device: test
data: data
desks:
  front:
    inputs: [{ driver: line-protocol, port: /dev/ttyUSB7 }]
    buttons: { happy: { rating: 5, tag: positive }, unhappy: { rating: 1, tag: negative } }
`;
const DAY = `
{"desk":"front","id":"a","kind":"presence","present":true,"time":"2026-01-05T08:00:00.000Z","mono":1000}
{"desk":"front","id":"b","kind":"press","button":"unhappy","time":"2026-01-05T08:00:20.000Z","mono":21000}
{"desk":"front","id":"v","kind":"veto","time":"2026-01-05T08:00:25.000Z","mono":26000}
{"desk":"front","id":"c","kind":"presence","present":false,"time":"2026-01-05T08:00:30.000Z","mono":31000}
{"desk":"front","id":"d","kind":"presence","present":true,"time":"2026-01-05T08:01:00.000Z","mono":61000}
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ca-cli-'));
  writeFileSync(join(folder, 'config.yaml'), CONFIG);
  writeFileSync(join(folder, 'day.jsonl'), DAY);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the package's bin, as an installation does: it finds the project's own Node by itself. */
function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return runIn(folder, {}, ...args);
}

function runIn(
  cwd: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const child = execFile(
      join(root, 'device/contact-analyzer'),
      args,
      { cwd, env: { ...process.env, ...env } },
      (_error, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe('replay', () => {
  test('prints the contacts of a recorded day, one JSON object a line', async () => {
    const { code, out } = await run('replay', 'day.jsonl', '--config', 'config.yaml');
    expect(code).toBe(0);
    const contacts = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(contacts).toEqual([
      {
        desk: 'front',
        id: 'a',
        startedAt: '2026-01-05T08:00:00.000Z',
        endedAt: '2026-01-05T08:00:30.000Z',
        duration: 30_000,
        endReason: 'departed',
        served: true,
        tag: 'negative',
        rating: 1,
        top: false,
        veto: true,
        receptionist: null,
        presses: [{ id: 'b', button: 'unhappy', flags: [] }],
      },
    ]);
  });

  test('says which line is wrong', async () => {
    writeFileSync(join(folder, 'bad.jsonl'), `${DAY.trim().split('\n')[0]}\n{"desk":"front"}\n`);
    const { code, err } = await run('replay', 'bad.jsonl', '--config', 'config.yaml');
    expect(code).toBe(65);
    expect(err).toContain('line 2');
  });

  test('says which desk the config lacks, and that a file is missing', async () => {
    writeFileSync(join(folder, 'other.jsonl'), DAY.replaceAll('front', 'back'));
    expect((await run('replay', 'other.jsonl', '--config', 'config.yaml')).err).toContain('"back"');
    const missing = await run('replay', 'none.jsonl', '--config', 'config.yaml');
    expect(missing).toMatchObject({ code: 65, err: expect.stringContaining('none.jsonl') });
  });
});

describe('check-config', () => {
  test('a right one: 0', async () => {
    expect(await run('check-config', 'config.yaml')).toMatchObject({
      code: 0,
      out: expect.stringContaining('front'),
    });
  });

  test('a wrong one: all errors at once and exit code 78', async () => {
    writeFileSync(
      join(folder, 'wrong.yaml'),
      CONFIG.replace('device', 'devise').replace('rating: 5', 'rating: fife'),
    );
    const { code, err } = await run('check-config', 'wrong.yaml');
    expect(code).toBe(78);
    expect(err).toMatch(/devise[\s\S]*device/);
    expect(err).toContain('desks.front.buttons.happy.rating');
  });

  test('an unreadable one: 78', async () => {
    expect((await run('check-config', 'nothing.yaml')).code).toBe(78);
  });

  test('the service does not start with a wrong one', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), CONFIG.replace('device', 'devise'));
    expect((await run('run', 'wrong.yaml')).code).toBe(78);
  });
});

test('export-events needs a day and a store', async () => {
  expect(await run('export-events', '--config', 'config.yaml')).toMatchObject({ code: 64 });
  expect((await run('export-events', '--day', 'May', '--config', 'config.yaml')).err).toContain('2026-01-31');
  expect((await run('export-events', '--day', 'today', '--config', 'config.yaml')).err).toContain(
    'no readable store',
  );
});

test('a path is the one of the caller: below `npm run contact-analyzer` of where npm was called, else of the folder it stands in', async () => {
  const npm = { npm_lifecycle_event: 'contact-analyzer', INIT_CWD: folder };
  expect((await runIn(root, npm, 'check-config', 'config.yaml')).code).toBe(0);
  const other = { npm_lifecycle_event: 'test', INIT_CWD: root };
  expect((await runIn(folder, other, 'check-config', 'config.yaml')).code).toBe(0);
});

test('a command that does not exist, an option that does not, and one argument too many are usage errors', {
  timeout: 120_000,
}, async () => {
  for (const args of [
    ['dance'],
    ['run', '--fast'],
    ['check-config', 'a', 'b'],
    ['reload', 'config.yaml'],
    ['actions', 'config.yaml'],
    ['verify-log', 'config.yaml'],
    ['veto', 'front', 'config.yaml'],
    ['account-code', 'anna', 'config.yaml'],
    ['shift', 'front', 'r-1', 'config.yaml'],
    ['version', 'config.yaml'],
  ])
    expect(await run(...args), args.join(' ')).toMatchObject({
      code: 64,
      err: expect.stringMatching(/too many: config.yaml|too many: b|dance|fast/),
    });
  expect((await run('help')).out).toContain('export-events');
});

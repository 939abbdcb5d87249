import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { ManualClock } from '../../device/clock.ts';
import { ConfigEditor } from '../../device/config-editor.ts';
import type { SettingsPreview } from '../../device/review/settings/effects.ts';
import type { SettingsFile } from '../../device/review/settings/settings.ts';
import { STORE_FILE } from '../../device/store/open.ts';
import { contact, putContacts, readyClip } from './contacts.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 12);
const CONFIG = `# The clinic's own words.
device: reception-1
data: data                            # beside this file
recording:
  sample: 0.1                         # a tenth of the unrated
vault:
  age: 90d                            # as the lawyer said
cards: { "0004711": r-1 }
tablet:
  port: 8090
desks:
  front:
    buttons:
      good: { rating: 5, tag: positive }
      bad: { rating: 1, tag: negative }
      shift1: { does: shift, receptionist: r-1 }
    inputs:
      - { driver: line-protocol, port: /dev/serial0 }
      - { driver: tablet, code: 0123456789abcdef }
`;

let folder: string;
let file: string;
let rig: PageRig;
let asked: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-settings-'));
  file = join(folder, 'config.yaml');
  writeFileSync(file, CONFIG, { mode: 0o640 });
  asked = [];
  const settings = new ConfigEditor({
    file,
    today: () => '2026-11-20',
    reload: async () => {
      asked.push(`reload with ${loadConfig(file, { today: null }).config.vault.age / DAY} d`);
      return { when: 'when-free' };
    },
  });
  rig = await startPage({
    settings,
    clock: new ManualClock({ mono: 1_000, wall: NOW }),
    shift: async (desk, receptionist) => void asked.push(`${receptionist} at ${desk}`),
  });
});
afterEach(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

const text = () => readFileSync(file, 'utf8');
async function read() {
  return (await (await rig.ask('GET', '/api/settings')).json()) as ReturnType<SettingsFile['read']>;
}
async function put(
  change: object,
  revision?: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await rig.ask('PUT', '/api/settings', {
    revision: revision ?? (await read()).revision,
    change,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}
async function preview(change: object): Promise<SettingsPreview> {
  const { revision } = await read();
  return (await (
    await rig.ask('POST', '/api/settings/preview', { revision, change })
  ).json()) as SettingsPreview;
}

test('tells the settings as the file has them', async () => {
  expect(await read()).toEqual({
    revision: expect.stringMatching(/^[0-9a-f]{16}$/),
    writable: true,
    settings: {
      ...{ keep: 'negative', sample: 0.1, age: 90 * DAY, max: 20e9, cards: { '0004711': 'r-1' } },
      shiftButtons: [{ desk: 'front', button: 'shift1', receptionist: 'r-1' }],
      tablet: Object.fromEntries(['ru', 'en', 'pl', 'lt'].map((l) => [l, { question: null, thanks: null }])),
    },
  });
});

test('changes only what is to change; the comments, the mode and a copy of the one before stay', async () => {
  const { status, body } = await put({
    ...{ age: 30 * DAY, keep: 'rated', cards: { '0004711': 'r-3', '42': 'r-2' } },
    shiftButtons: [{ desk: 'front', button: 'shift1', receptionist: 'r-4' }],
    tablet: { pl: { question: 'Jak było?', thanks: null } },
  });
  expect([status, body]).toEqual([200, { when: 'when-free' }]);
  expect(text()).toBe(
    CONFIG.replace('age: 90d', 'age: 30d')
      .replace('of the unrated\n', 'of the unrated\n  keep: rated\n')
      .replace('{ "0004711": r-1 }', '{ "0004711": r-3, "42": r-2 }')
      .replace('receptionist: r-1', 'receptionist: r-4')
      .replace('port: 8090\n', 'port: 8090\n  texts:\n    pl:\n      question: Jak było?\n'),
  );
  expect(asked).toEqual(['reload with 30 d']);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder).sort()).toEqual(['config.yaml', 'config.yaml.before']);
  expect(readFileSync(`${file}.before`, 'utf8')).toBe(CONFIG);
  // And back: what was put in goes, or says the default.
  await put({
    age: 90 * DAY,
    keep: 'negative',
    cards: { '0004711': 'r-1' },
    tablet: { pl: { question: '', thanks: '' } },
  });
  expect((await read()).settings).toMatchObject({ keep: 'negative', cards: { '0004711': 'r-1' } });
  expect((await read()).settings.tablet?.pl).toEqual({ question: null, thanks: null });
});

test('is noted by the names of the settings, not by their values', async () => {
  await put({ cards: { '0815': 'r-9' } });
  const db = new Database(join(rig.folder, STORE_FILE), { readonly: true });
  const noted = JSON.stringify(db.prepare("SELECT * FROM actions WHERE action = 'settings.change'").all());
  db.close();
  expect(noted).toContain('cards');
  expect(noted).not.toMatch(/0815|r-9/);
});

test('whoever changes a file that is another one by now is told, and nothing is changed', async () => {
  const { revision } = await read();
  const mine = CONFIG.replace('90d', '60d');
  writeFileSync(file, mine);
  expect(await put({ age: 30 * DAY }, revision)).toMatchObject({
    status: 409,
    body: { error: 'CA_CONFIG_CHANGED' },
  });
  expect([text(), asked]).toEqual([mine, []]);
});

test('what the rules of the config refuse is not written', async () => {
  for (const change of [
    { age: 1 },
    { age: 400 * DAY },
    { max: 5 },
    { sample: 2 },
    { keep: 'some' },
    { cards: { 'a b': 'r-1' } },
    { cards: { '1': 'Mrs Smith' } },
    { tablet: { de: { question: null, thanks: null } } },
    { tablet: { en: { question: 'a\nb', thanks: null } } },
    { grace: 5 },
    { shiftButtons: [{ desk: 'front', button: 'good', receptionist: 'r-1' }] },
    { shiftButtons: [{ desk: '__proto__', button: 'good', receptionist: 'r-1' }] },
  ])
    expect([change, (await put(change)).status]).toEqual([change, 400]);
});

test('a file that cannot be written is told, and nothing is changed', async () => {
  // In the way of what would be written first: that root may write everywhere makes no difference to it.
  mkdirSync(join(folder, '.config.yaml.new'));
  const { status, body } = await put({ age: 30 * DAY });
  expect([status, body]).toMatchObject([409, { error: 'CA_CONFIG_UNWRITABLE' }]);
  expect(body.message).toContain('contact-analyzer reload');
  expect((await preview({ age: 30 * DAY })).lines.map(({ line }) => line)).toEqual([7]);
  expect([text(), asked]).toEqual([CONFIG, []]);
});

test('the effect first: clips that go, of them the unreviewed, and the held ones that stay', async () => {
  const old = (id: string, days: number, rating: number) =>
    contact(id, NOW - days * DAY, {
      ...{ pressed: [[60, rating]], clip: readyClip(id, { bytes: 1_000_000_000 }) },
    });
  putContacts(rig, old('a', 80, 1), old('b', 70, 1), old('c', 60, 5), old('d', 50, 1), old('e', 5, 5));
  await rig.ask('PUT', '/api/contacts/b/review', { tag: null, causes: [], comment: '', revision: 0 });
  const until = new Date(NOW + 20 * DAY).toISOString().slice(0, 10);
  const held = await rig.ask('POST', '/api/holds', { contactIds: ['d'], reason: 'a complaint', until });
  expect(held.status).toBeLessThan(300);
  const before = text();
  const { lines, ...effects } = await preview({ age: 40 * DAY, max: 500_000_000, keep: 'all' });
  expect(effects).toEqual({
    older: { clips: 3, bytes: 3e9, unreviewed: 1, held: 1 },
    room: { clips: 1, bytes: 1e9, unreviewed: 0 },
    kept: { contacts: 1, before: 0, after: 1 },
    writable: true,
  });
  expect(lines[0]).toEqual({ line: 6, before: null, after: '  keep: all' });
  expect(lines[1]).toMatchObject({ line: 7, after: expect.stringContaining('age: 40d') });
  expect([text(), asked]).toEqual([before, []]);
  expect(await preview({ age: 200 * DAY, cards: {} })).toMatchObject({ older: null, room: null, kept: null });
});

test('what the rules of the config refuse has no effect to be shown, either', async () => {
  // Clips are stored encrypted only, and there is no key.
  const recording = 'recording:\n  capture: audio\n  keep: none\n  soundBasis: consent, form 3\n';
  const microphone = '    microphone: { driver: alsa, device: "hw:1,0" }\n';
  const bare = CONFIG.replace('recording:\n', recording).replace(
    '    inputs:\n',
    `${microphone}    inputs:\n`,
  );
  writeFileSync(file, bare);
  const { revision } = await read();
  const asking = { revision, change: { keep: 'all' } };
  const refused = await rig.ask('POST', '/api/settings/preview', asking);
  expect([refused.status, await refused.json()]).toEqual([
    409,
    { error: 'CA_CONFIG_INVALID', message: expect.stringContaining('vault.key') },
  ]);
  expect(await put({ keep: 'all' })).toMatchObject({ status: 409, body: { error: 'CA_CONFIG_INVALID' } });
  expect((await preview({ keep: 'none', age: 30 * DAY })).lines).toHaveLength(1);
  expect([text(), asked]).toEqual([bare, []]);
});

test('who is on shift now', async () => {
  expect((await rig.ask('POST', '/api/shifts', { desk: 'front', receptionist: 'r-2' })).status).toBe(200);
  expect(asked).toEqual(['r-2 at front']);
  expect((await rig.ask('POST', '/api/shifts', { desk: 'front', receptionist: 'Mrs Smith' })).status).toBe(
    400,
  );
});

test('a file that is a link stays one', async () => {
  const link = join(folder, 'linked.yaml');
  symlinkSync(file, link);
  const editor = new ConfigEditor({ file: link, today: () => null, reload: async () => ({ when: 'now' }) });
  expect(editor.write({ age: 30 * DAY }, editor.read().revision)).toBe(true);
  expect(editor.write({ age: 30 * DAY }, editor.read().revision)).toBe(false);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(text()).toBe(CONFIG.replace('90d', '30d'));
  expect(readFileSync(`${file}.before`, 'utf8')).toBe(CONFIG);
});

test('who may not change them is not told the numbers of cards', async () => {
  expect((await read()).settings.cards).toEqual({ '0004711': 'r-1' });
  rig.who = somebody('reviewer');
  expect(JSON.stringify(await read())).not.toContain('0004711');
});

test('a file that cannot be read or understood: no path, and no line of it, for who may only look', async () => {
  writeFileSync(file, CONFIG.replace('age: 90d', 'age: secret-90'));
  const told = async () => (await rig.ask('GET', '/api/settings')).text();
  expect(await told()).toContain('secret-90');
  rig.who = somebody('reviewer');
  expect(await told()).toContain('CA_CONFIG_INVALID');
  expect(await told()).not.toContain('secret-90');
  rmSync(file);
  expect(await told()).toContain('CA_CONFIG_UNREADABLE');
  expect(await told()).not.toMatch(/config\.yaml|ENOENT|\/tmp/);
  expect(rig.logged.join()).toContain('ENOENT');
});

test('a reviewer may look, and change nothing; others may not even look', async () => {
  const { revision } = await read();
  const body = { revision, change: {} };
  const statuses = async () => [
    (await rig.ask('GET', '/api/settings')).status,
    (await rig.ask('POST', '/api/settings/preview', body)).status,
    (await rig.ask('PUT', '/api/settings', body)).status,
    (await rig.ask('POST', '/api/shifts', { desk: 'front', receptionist: 'r-1' })).status,
  ];
  rig.who = somebody('reviewer');
  expect(await statuses()).toEqual([200, 403, 403, 403]);
  for (const role of ['read-only', 'receptionist'] as const) {
    rig.who = somebody(role);
    expect(await statuses()).toEqual([403, 403, 403, 403]);
  }
});

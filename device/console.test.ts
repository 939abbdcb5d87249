import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Perform } from '../uploader/orders.ts';
import { ManualClock } from './clock.ts';
import { orderDesk, printActions } from './console.ts';
import { Control } from './control.ts';
import { createLog } from './log.ts';
import { Store } from './store/store.ts';

let folder: string;
let control: Control;
let printed: string[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-console-'));
  mkdirSync(join(folder, 'data'));
  printed = [];
  const perform = (async (_: string, { desk }: { desk: string }) => ({ desk })) as unknown as Perform;
  control = new Control({
    data: join(folder, 'data'),
    orders: { perform, refused: () => {} },
    accountCode: (name) => ({ code: '0000-0000-0000', name, url: null }),
    log: createLog('silent'),
  });
  await control.start();
});
afterEach(async () => {
  await control.stop();
  rmSync(folder, { recursive: true });
});

/** The config file holds `text`; its path. */
function written(text: string): string {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  return file;
}

const veto = (config: string) =>
  orderDesk({
    config,
    order: 'veto',
    desk: 'front',
    lasting: undefined,
    print: (line) => printed.push(line),
  });

test.each([
  ['a setting that there is not', 'data: data\ncolour: red\n'],
  ['no YAML', 'device: clinic\ndata: data\ndesks:\n  front: [\n'],
])('a file that is being edited is in nobody’s way: %s', async (_, text) => {
  await veto(written(text));
  expect(printed).toEqual(['front: the recording is destroyed']);
});

test('so is the log of actions', () => {
  const store = new Store(
    join(folder, 'data'),
    'clinic',
    () => '',
    () => 0,
    { keep: 'all', sample: 0 },
  );
  store.logAction({ wall: 0, actor: 'page', action: 'veto', target: {}, outcome: 'ok' });
  store.close();
  const clock = new ManualClock();
  const config = written('data: data\ncolour: red\n');
  printActions({ config, clock, day: undefined, print: (line) => printed.push(line) });
  expect(printed.map((line) => JSON.parse(line))).toMatchObject([{ actor: 'page', action: 'veto' }]);
});

test('where the folder itself cannot be made out, all that is wrong is told', async () => {
  await expect(veto(written('data: [data]\ncolour: red\n'))).rejects.toMatchObject({
    code: 'CA_CONFIG_INVALID',
    message: expect.stringMatching(/data: must be a text[\s\S]*colour/),
  });
  await expect(veto(join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'CA_CONFIG_UNREADABLE' });
});

test('after a change of `data` no service is found, and why is told', async () => {
  await expect(veto(written('data: elsewhere\n'))).rejects.toMatchObject({
    code: 'CA_NOT_RUNNING',
    message: expect.stringMatching(/^no service runs on .*elsewhere/),
    remedy: expect.stringContaining('`data` was changed'),
  });
});

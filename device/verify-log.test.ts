import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoredDesk, WALL } from '../test/stand-ins/stored-desk.ts';
import { verifyLog } from './verify-log.ts';

let desk: StoredDesk;
let config: string;
let printed: string[];
beforeEach(() => {
  desk = new StoredDesk();
  config = join(desk.folder, 'config.yaml');
  writeFileSync(config, `data: ${desk.folder}\n`);
  printed = [];
  for (let n = 0; n < 5; n++)
    desk.store.logAction({
      wall: WALL + n * 1_000,
      actor: 'mqtt',
      action: 'pause',
      target: {},
      outcome: 'ok',
    });
});
afterEach(() => desk.end());

const verify = (anchor?: string) => verifyLog({ config, anchor, print: (line) => void printed.push(line) });
const head = () => `${desk.store.logHead().place}:${desk.store.logHead().hash}`;

test('beside the service: how much there is, from when to when, its head, and that it is right', () => {
  expect(verify()).toBe(true);
  expect(printed).toEqual([
    'entries  5',
    'from     2026-01-05T08:00:00.000Z',
    'to       2026-01-05T08:00:04.000Z',
    `head     ${head()}`,
    'OK: every entry is as it was written',
  ]);
});

test('the first entry that is wrong, with its place', () => {
  const raw = desk.sql();
  raw.exec("UPDATE actions SET outcome = 'no' WHERE place IN (2, 4)");
  raw.close();
  expect(verify()).toBe(false);
  expect(printed.at(-1)).toBe('WRONG at place 2: the entry is not as it was written');
});

test('what was forgotten is told; a head that was kept elsewhere is looked for', () => {
  const kept = head();
  expect(verify(kept)).toBe(true);
  expect(printed.at(-2)).toBe('anchor   is in the log as it was');
  expect(verify(`5:${'0'.repeat(64)}`)).toBe(false);
  expect(verify(`6:${'0'.repeat(64)}`)).toBe(false);
  expect(printed.at(-1)).toMatch(/^WRONG at place 6: the log has another entry there/);
  desk.store.forget({ events: 0, messages: 0, bins: 0, actions: WALL + 3_000 });
  printed = [];
  expect(verify(`2:${'0'.repeat(64)}`)).toBe(true);
  expect(printed[0]).toBe('entries  2; those up to place 3 were forgotten for their age');
  expect(printed.at(-2)).toMatch(/^anchor {3}was forgotten/);
});

test('an anchor that is none, and a store that is not there', () => {
  for (const anchor of ['', '5', '5:abc', `x:${'0'.repeat(64)}`])
    expect(() => verify(anchor), anchor).toThrow('is no head of a log');
  writeFileSync(config, 'data: nowhere\n');
  expect(() => verify()).toThrow('no readable store');
});

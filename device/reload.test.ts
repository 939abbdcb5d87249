import { beforeEach, expect, test } from 'vitest';
import type { Config } from '../config/schema.ts';
import { ManualClock } from './clock.ts';
import { CaError } from './errors.ts';
import { Journal } from './journal.ts';
import { createLog } from './log.ts';
import { Reload } from './reload.ts';

let clock: ManualClock;
let free: boolean;
let journal: Journal;
/** The disk takes what is written. */
let well: boolean;
let due: Config[];
/** What the file holds now. */
let file: Config;
beforeEach(() => {
  clock = new ManualClock();
  free = true;
  well = true;
  journal = new Journal({ clock, log: createLog('silent') });
  due = [];
  file = { device: 'one' } as Config;
});

const reloading = (failed: string | null = null) =>
  new Reload({
    ...{ clock, failed, journal, log: createLog('silent') },
    read: () => {
      if (file.device === 'wrong') throw new CaError('CA_CONFIG_INVALID', 'two problems');
      return file;
    },
    file: 'config.yaml',
    onDue: (config) => due.push(config),
    free: () => free,
  });

test('where nobody is, it is soon, but never before the answer; and once', () => {
  const reload = reloading();
  expect(reload.ask()).toEqual({ when: 'now' });
  expect(due).toEqual([]);
  clock.advance(10_000);
  expect(due).toEqual([file]);
});

test('it waits until nobody is there, and takes what was asked for last', () => {
  const reload = reloading();
  free = false;
  expect(reload.ask()).toEqual({ when: 'when-free' });
  clock.advance(3_600_000);
  expect(due).toEqual([]);
  expect(reload.health()).toEqual({ status: 'ok', detail: { waiting: true } });
  file = { device: 'two' } as Config;
  reload.ask();
  free = true;
  clock.advance(1_000);
  expect(due).toEqual([{ device: 'two' }]);
});

test('a wrong one changes nothing, nor what was right before', () => {
  const reload = reloading();
  file = { device: 'wrong' } as Config;
  expect(() => reload.ask()).toThrow('two problems');
  clock.advance(1_000);
  expect([due, clock.waiting()]).toEqual([[], []]);
  file = { device: 'right' } as Config;
  reload.ask();
  file = { device: 'wrong' } as Config;
  expect(() => reload.ask()).toThrow('two problems');
  clock.advance(1_000);
  expect(due).toEqual([{ device: 'right' }]);
});

/** A contact is settled; while the disk is full it waits in memory. */
const settle = () =>
  journal.write(() => {
    if (!well) throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  });

test('contacts that wait for a full disk are not thrown away: it is refused, and one asked for before waits', () => {
  const reload = reloading();
  well = false;
  settle();
  expect(() => reload.ask()).toThrow(expect.objectContaining({ code: 'CA_STORE_UNUSABLE' }));
  clock.advance(3_600_000);
  expect(due).toEqual([]);
  well = true;
  clock.advance(1_000);
  expect(reload.ask()).toEqual({ when: 'now' });
  well = false;
  settle();
  clock.advance(3_600_000);
  expect(due).toEqual([]);
  well = true;
  clock.advance(2_000);
  expect(due).toEqual([file]);
});

test('a stop forgets it; why a config does not run is told as long as the old one does', async () => {
  const reload = reloading('the port is taken');
  reload.ask();
  await reload.stop();
  clock.advance(1_000);
  expect(due).toEqual([]);
  expect(reload.health()).toMatchObject({
    status: 'degraded',
    reason: expect.stringMatching(/the port is taken.* do not restart the device before/),
  });
});

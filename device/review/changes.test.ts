import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ManualClock } from '../clock.ts';
import { ChangeStream } from './changes.ts';

function setUp() {
  const clock = new ManualClock();
  const changes = new ChangeStream(clock);
  let opened = 0;
  /** Each by somebody else, if it is not said. */
  function open(accountId = String(opened++), stays = () => true) {
    const stream = changes.join({ accountId, stays });
    if (!stream) return null;
    let text = '';
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    let ended = false;
    stream.once('end', () => {
      ended = true;
    });
    return {
      stream,
      ended: () => ended,
      events: () => [...text.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name),
    };
  }
  return { clock, changes, open };
}

test('many changes in a moment are one event, the next moment’s another', async () => {
  const { clock, changes, open } = setUp();
  const page = open();
  for (let i = 0; i < 50; i += 1) changes.changed();
  clock.advance(100);
  await setImmediate();
  expect(page?.events()).toEqual(['change']);
  changes.changed();
  clock.advance(100);
  await setImmediate();
  expect(page?.events()).toEqual(['change', 'change']);
});

test('a heartbeat every 15 seconds', async () => {
  const { clock, open } = setUp();
  const page = open();
  clock.advance(46_000);
  await setImmediate();
  expect(page?.events()).toEqual(['heartbeat', 'heartbeat', 'heartbeat']);
});

test('a page that does not read costs two full buffers, not the memory of the service', () => {
  const { clock, changes } = setUp();
  const stream = changes.join({ accountId: 'a', stays: () => true });
  for (let i = 0; i < 10_000; i += 1) {
    changes.changed();
    clock.advance(100);
  }
  const held = (stream?.readableLength ?? 0) + ((stream as Duplex | null)?.writableLength ?? 0);
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThan(150_000);
});

test('the number of pages is bounded, and a closed page makes room', async () => {
  const { changes, open } = setUp();
  const pages = Array.from({ length: 32 }, () => open());
  expect(open()).toBeNull();
  pages[3]?.stream.destroy();
  await setImmediate();
  expect(open()).not.toBeNull();
  expect(changes.clients).toBe(32);
});

test('one account has six pages: the oldest ends, and nobody else’s', async () => {
  const { changes, open } = setUp();
  const other = open();
  const pages = Array.from({ length: 7 }, () => open('a'));
  await setImmediate();
  expect(pages.map((page) => page?.ended())).toEqual([true, ...Array(6).fill(false)]);
  expect(other?.ended()).toBe(false);
  expect(changes.clients).toBe(7);
});

test('who is not let in any more hears nothing from the next heartbeat on', async () => {
  const { clock, changes, open } = setUp();
  let known = true;
  const page = open('a', () => known);
  open();
  clock.advance(15_000);
  known = false;
  changes.changed();
  clock.advance(15_000);
  await setImmediate();
  expect(page?.events()).toEqual(['heartbeat', 'change']);
  expect(page?.ended()).toBe(true);
  expect(changes.clients).toBe(1);
});

test('close ends the pages and leaves no timer', async () => {
  const { clock, changes, open } = setUp();
  const page = open();
  const ended = new Promise((resolve) => page?.stream.once('end', resolve));
  changes.changed();
  changes.close();
  await ended;
  expect(clock.waiting()).toEqual([]);
  expect(changes.join({ accountId: 'a', stays: () => true })).toBeNull();
});

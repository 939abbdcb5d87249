import { beforeEach, expect, test, vi } from 'vitest';
import type { Lamp } from '../drivers/types.ts';
import { Acknowledgement } from './acknowledgement.ts';
import { ManualClock } from './clock.ts';
import { CaError } from './errors.ts';
import { createLog } from './log.ts';

let clock: ManualClock;
let said: string[];
let broken: boolean;
let slow: PromiseWithResolvers<void> | null;
let logged: number;
let blink: Acknowledgement;

beforeEach(() => {
  clock = new ManualClock();
  said = [];
  broken = false;
  slow = null;
  logged = 0;
  const lamp: Lamp = {
    name: 'beeper',
    async set(lit) {
      await slow?.promise;
      if (broken) throw new CaError('CA_LAMP_FAILED', 'beeper: no such line');
      said.push(lit ? 'on' : 'off');
    },
    read: async () => null,
    close: async () => void said.push('closed'),
  };
  const log = createLog('warn', { write: () => logged++ });
  blink = new Acknowledgement({ lamp, clock, log });
});
const becomes = (...words: string[]) => vi.waitFor(() => expect(said).toEqual(words));

test('on for a moment; a press during it makes it longer, not twice', async () => {
  blink.blink();
  await becomes('on');
  clock.advance(199);
  blink.blink();
  clock.advance(199);
  await becomes('on');
  clock.advance(1);
  await becomes('on', 'off');
});

test('a lamp that takes its time to be lit is on for as long', async () => {
  slow = Promise.withResolvers<void>();
  blink.blink();
  clock.advance(5_000);
  blink.blink();
  slow.resolve();
  await becomes('on');
  clock.advance(199);
  await becomes('on');
  clock.advance(1);
  await becomes('on', 'off');
});

test('ends dark and free, also in the middle of a blink', async () => {
  blink.blink();
  await blink.stop();
  expect(said).toEqual(['on', 'off', 'closed']);
  expect(clock.waiting()).toEqual([]);
});

test('what fails is told once, in the health until it works again, and is tried at each press', async () => {
  broken = true;
  for (let presses = 0; presses < 3; presses++) {
    blink.blink();
    await vi.waitFor(() => expect(clock.waiting()).toHaveLength(1));
    clock.advance(200);
  }
  await vi.waitFor(() =>
    expect(blink.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringMatching(/^beeper: no such line: .*recording lamp/),
    }),
  );
  await blink.stop();
  expect(logged).toBe(1);
  broken = false;
  blink.blink();
  await becomes('closed', 'on');
  await vi.waitFor(() => expect(blink.health()).toEqual({ status: 'ok' }));
});

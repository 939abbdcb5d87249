import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Lamp } from '../../drivers/types.ts';
import { ManualClock } from '../clock.ts';
import { CaError } from '../errors.ts';
import { createLog } from '../log.ts';
import { LampGuard } from './lamp-guard.ts';

/** A lamp that can be unplugged. */
class FakeLamp implements Lamp {
  readonly name = 'gpio 21';
  readonly calls: string[] = [];
  plugged = true;
  lit: boolean | null = null;
  readsBack = true;
  /** Set: the next `set` waits for it. */
  slow: Promise<void> | null = null;

  async set(lit: boolean): Promise<void> {
    const { slow } = this;
    this.slow = null;
    await slow;
    this.calls.push(lit ? 'on' : 'off');
    if (!this.plugged) throw new CaError('CA_LAMP_FAILED', 'gpio 21 cannot be set');
    this.lit = lit;
  }

  async read(): Promise<boolean | null> {
    this.calls.push('read');
    return this.readsBack ? this.plugged && this.lit : null;
  }

  async close(): Promise<void> {
    this.calls.push('close');
  }
}

let clock: ManualClock;
let lamp: FakeLamp;
let guard: LampGuard;
let live: boolean;
let said: string[];
let logged: string[];

beforeEach(() => {
  clock = new ManualClock();
  lamp = new FakeLamp();
  [live, said, logged] = [false, [], []];
  guard = new LampGuard({
    lamp,
    clock,
    log: createLog('warn', { write: (line) => logged.push(line) }),
    live: () => live,
    dark: () => said.push('dark'),
    lit: () => said.push('lit'),
  });
});
afterEach(() => guard.stop());

/** Lets everything that waits for nothing but its turn happen. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Half a second at a time: the guard looks no more often. */
async function pass(ms: number): Promise<void> {
  for (let done = 0; done < ms; done += 500) {
    clock.advance(500);
    await settle();
  }
}

async function started(): Promise<void> {
  guard.start();
  await settle();
}

/** With pictures arriving and the lamp lit. */
async function recording(): Promise<void> {
  await started();
  live = true;
  await pass(500);
  expect(lamp.lit).toBe(true);
  [said, logged] = [[], []];
  lamp.calls.length = 0;
}

it('allows nothing before it has seen the lamp go on and off', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  lamp.slow = promise;
  await started();
  expect(guard.state).toBe('failed');
  expect(said).toEqual([]);
  resolve();
  await settle();
  expect(lamp.calls).toEqual(['on', 'off']);
  expect(said).toEqual(['lit']);
  expect(guard).toMatchObject({ state: 'dark', fault: null });
});

it('allows nothing while the lamp cannot be lit, and tries on', async () => {
  lamp.plugged = false;
  await started();
  expect(said).toEqual([]);
  expect(guard.state).toBe('failed');
  expect(guard.fault).toMatch(/^nothing is recorded: gpio 21 cannot be set\. ./);
  await pass(60_000);
  expect(said).toEqual([]);
  // Tried every 5 to 10 seconds, told once.
  expect(lamp.calls.length).toBeGreaterThan(8);
  expect(lamp.calls.length).toBeLessThan(20);
  expect(logged).toHaveLength(1);
  lamp.plugged = true;
  await pass(10_500);
  expect(said).toEqual(['lit']);
  expect(guard).toMatchObject({ state: 'dark', fault: null });
});

it('is lit half a second after the recording begins, and dark half a second after it ends', async () => {
  await started();
  await pass(5_000);
  expect(guard.state).toBe('dark');
  live = true;
  clock.advance(500);
  await settle();
  expect(guard.state).toBe('lit');
  expect(lamp.lit).toBe(true);
  await pass(3_000);
  live = false;
  clock.advance(500);
  await settle();
  expect(guard.state).toBe('dark');
  expect(lamp.lit).toBe(false);
  expect(lamp.calls).toEqual(['on', 'off', 'on', 'off']);
});

it('looks at the lit lamp every few seconds', async () => {
  await recording();
  await pass(30_000);
  expect(lamp.calls).toEqual(['read', 'read', 'read', 'read', 'read']);
  live = false;
  await pass(30_000);
  expect(lamp.calls.slice(5)).toEqual(['off']);
});

it('has the recording stopped when the lamp has gone out, and goes on when it can be lit again', async () => {
  await recording();
  lamp.plugged = false;
  await pass(6_000);
  expect(said).toEqual(['dark']);
  expect(guard.state).toBe('failed');
  expect(guard.fault).toMatch(/nothing is recorded: gpio 21 (was lit and has gone out|cannot be set)/);
  expect(logged).toHaveLength(1);
  live = false;
  await pass(20_000);
  expect(said).toEqual(['dark']);
  lamp.plugged = true;
  await pass(10_500);
  expect(said).toEqual(['dark', 'lit']);
  expect(guard).toMatchObject({ state: 'dark', fault: null });
  live = true;
  await pass(500);
  expect(lamp.lit).toBe(true);
});

it('has the recording stopped, too, when the lamp cannot be lit as it begins, or put out as it ends', async () => {
  await started();
  said = [];
  live = true;
  lamp.plugged = false;
  await pass(500);
  expect(said).toEqual(['dark']);
  lamp.plugged = true;
  await pass(1_500);
  expect(said).toEqual(['dark', 'lit']);
  expect(guard.state).toBe('lit');
  lamp.plugged = false;
  live = false;
  await pass(500);
  expect(said).toEqual(['dark', 'lit', 'dark']);
});

it('believes a lamp that cannot be read back', async () => {
  lamp.readsBack = false;
  await recording();
  await pass(60_000);
  expect(said).toEqual([]);
  expect(guard.state).toBe('lit');
});

it('does not ask a lamp that takes its time for two things at once', async () => {
  await started();
  const { promise, resolve } = Promise.withResolvers<void>();
  lamp.slow = promise;
  live = true;
  await pass(3_000);
  expect(lamp.calls).toEqual(['on', 'off']);
  resolve();
  await settle();
  expect(lamp.calls).toEqual(['on', 'off', 'on']);
});

it('is dark after the stop, and let go', async () => {
  await recording();
  await guard.stop();
  expect(lamp.calls).toEqual(['off', 'close']);
  expect(lamp.lit).toBe(false);
  expect(clock.waiting()).toEqual([]);
  await pass(10_000);
  expect(lamp.calls).toEqual(['off', 'close']);
});

it.each([
  ['proves the lamp', false],
  ['lights it', true],
])('is dark after a stop that comes while it %s, and allows nothing any more', async (_, began) => {
  if (began) await started();
  said = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  lamp.slow = promise;
  live = true;
  if (began) await pass(500);
  else await started();
  const stopped = guard.stop();
  await settle();
  resolve();
  await stopped;
  expect(lamp.lit).toBe(false);
  expect(lamp.calls.slice(-2)).toEqual(['off', 'close']);
  expect(said).toEqual([]);
  expect(clock.waiting()).toEqual([]);
});

it('stops while the lamp is away, and says that it could not be put out', async () => {
  lamp.plugged = false;
  await started();
  logged = [];
  await guard.stop();
  expect(lamp.calls.slice(-2)).toEqual(['off', 'close']);
  expect(logged.join()).toMatch(/could not be switched off/);
  expect(clock.waiting()).toEqual([]);
});

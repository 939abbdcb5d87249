import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Clock, ManualClock, systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { type Cost, SupervisedWorker } from '../../models/supervised-worker.ts';
import type { Trial, TrialStart } from './trial-worker.ts';

/** Somebody with a list of things to do, and what became of them. */
class Employed {
  readonly todo: Trial[] = [];
  readonly said: string[] = [];
  readonly costs: Cost[] = [];
  readonly lines: Record<string, unknown>[] = [];
  readonly computed = new Int32Array(new SharedArrayBuffer(4));
  readonly worker: SupervisedWorker<Trial, string, Trial>;
  readonly #clock: Clock;

  constructor(clock: Clock, how: TrialStart['how'] = 'well') {
    this.#clock = clock;
    this.worker = new SupervisedWorker({
      name: 'trial worker',
      entry: new URL('./trial-worker.ts', import.meta.url),
      data: { how, computed: this.computed } satisfies TrialStart,
      clock,
      log: createLog('debug', { write: (line) => this.lines.push(JSON.parse(line)) }),
      employer: {
        ready: (ready) => this.said.push(ready),
        gone: () => this.said.push('gone'),
        next: () => {
          const task = this.todo.shift();
          if (!task) return null;
          const answered = (answer: Trial, cost: Cost) => {
            this.said.push(answer);
            this.costs.push(cost);
          };
          return { task, hands: [], answered, lost: () => this.said.push(`${task} lost`) };
        },
      },
    });
  }

  start(signal = new AbortController().signal) {
    return this.worker.start(signal);
  }

  /** Whatever hangs is ended by force. */
  async stop() {
    const stopped = this.worker.stop();
    if (this.#clock instanceof ManualClock) this.#clock.advance(5_000);
    await stopped;
  }

  ask(...trials: Trial[]) {
    this.todo.push(...trials);
    this.worker.wake();
  }

  /** Waits for a real thread, whatever the time on the clock under test. */
  async until(done: () => boolean) {
    while (!done()) await pause(5);
  }

  becomes(status: string) {
    return this.until(() => this.worker.health().status === status);
  }

  errors() {
    return this.lines.filter(({ level }) => level === 'error');
  }
}

const running: Employed[] = [];
afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

function employed(clock: Clock, how?: TrialStart['how']) {
  const one = new Employed(clock, how);
  running.push(one);
  return one;
}

test('one task at a time, in their order, and it is known what each took of the CPU', async () => {
  const one = employed(systemClock);
  one.ask('echo');
  expect(one.todo, 'nobody is there yet').toEqual(['echo']);
  await one.start();
  expect(one.worker.health()).toEqual({ status: 'ok' });
  expect(one.todo).toEqual([]);
  one.ask('compute', 'print');
  expect(one.todo, 'it is busy with the first').toHaveLength(2);
  await one.until(() => one.said.length === 4);
  expect(one.said).toEqual(['at your service', 'echo', 'compute', 'print']);
  const [echo, compute, print] = one.costs;
  expect(echo?.cpu).toBeLessThan(0.1);
  expect(print?.cpu).toBeLessThan(0.1);
  expect(compute?.cpu).toBeGreaterThan(0.19);
  expect(compute?.cpu).toBeLessThan(0.8);
  expect(compute?.wall).toBeGreaterThan(0.19);
  await one.until(() => one.lines.some(({ text }) => text === 'printed\n'));
});

test.each([
  ['dies', 'die', 'it was asked to'],
  ['ends', 'exit', 'it exited with code 3'],
] as const)('a worker that %s is replaced, ever later while it keeps at it', async (_what, trial, why) => {
  const clock = new ManualClock();
  const one = employed(clock);
  await one.start();
  async function dies(longest: number) {
    one.said.length = 0;
    one.ask(trial);
    await one.becomes('failed');
    expect(one.said).toEqual([`${trial} lost`, 'gone']);
    expect(one.worker.health().reason).toContain(`the trial worker failed: ${why}; it is started again`);
    one.ask('echo');
    one.todo.length = 0;
    clock.advance(longest / 2 - 1);
    expect(one.worker.health().status).toBe('failed');
    clock.advance(longest / 2 + 1);
    expect(one.worker.health().status).toBe('degraded');
    await one.becomes('ok');
  }
  await dies(500);
  await dies(1_000);
  one.ask('echo');
  await one.until(() => one.said.includes('echo'));
  await dies(500);
  expect(one.worker.restarts).toBe(3);
  const codes = one.errors().map(({ err }) => (err as { code: string }).code);
  expect(codes).toEqual(Array(3).fill('CA_SCORER_FAILED'));
});

test('a worker that does not answer for 10 s is ended, and what waits is done by the next', async () => {
  const clock = new ManualClock();
  const one = employed(clock);
  await one.start();
  const before = performance.eventLoopUtilization();
  one.ask('hang', 'echo');
  await pause(50);
  expect(performance.eventLoopUtilization(before).utilization, 'the house goes on').toBeLessThan(0.5);
  clock.advance(9_999);
  expect(one.worker.health().status).toBe('ok');
  clock.advance(1);
  expect(one.worker.health()).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('it said nothing for 10 s'),
  });
  clock.advance(500);
  await one.until(() => one.said.includes('echo'));
  expect(one.said).toEqual(['at your service', 'hang lost', 'gone', 'at your service', 'echo']);
});

test('one that does not come up in a minute is given up', async () => {
  const clock = new ManualClock();
  const one = employed(clock, 'never');
  const started = one.start();
  clock.advance(59_999);
  expect(one.worker.health()).toEqual({ status: 'degraded', reason: 'the models are being loaded' });
  clock.advance(1);
  await started;
  expect(one.worker.health().reason).toContain('it said nothing for 60 s');
});

test('what to do about a worker that cannot begin is told', async () => {
  const one = employed(new ManualClock(), 'refused');
  await one.start();
  expect(one.worker.health().reason).toMatch(/no such model; it is started again .* failed\. Fetch it\.$/);
  expect(one.errors()[0]?.err).toMatchObject({ cause: { code: 'CA_MODEL_INVALID', remedy: 'Fetch it.' } });
});

test('who is stopped may finish what it is doing, leaves no timer, and can be stopped twice', async () => {
  const clock = new ManualClock();
  const one = employed(clock);
  await one.start();
  one.ask('compute', 'echo');
  await Promise.all([one.worker.stop(), one.worker.stop()]);
  expect(one.computed[0], 'ended by force in a native call it could end all').toBe(1);
  expect(one.said).toEqual(['at your service', 'compute lost', 'gone', 'gone']);
  one.worker.wake();
  expect(one.todo).toEqual(['echo']);
  expect(one.worker.health()).toEqual({ status: 'failed', reason: 'stopped' });
  expect(clock.waiting()).toEqual([]);
  expect(one.errors()).toEqual([]);
});

test('who does not leave in 5 s is ended by force', async () => {
  const clock = new ManualClock();
  const one = employed(clock);
  await one.start();
  one.ask('hang');
  let stopped = false;
  const stopping = one.worker.stop().then(() => {
    stopped = true;
  });
  clock.advance(4_999);
  await pause(50);
  expect(stopped).toBe(false);
  clock.advance(1);
  await stopping;
  expect(clock.waiting()).toEqual([]);
});

test('an abort ends the wait for a worker', async () => {
  const abort = new AbortController();
  const one = employed(new ManualClock(), 'never');
  const started = one.start(abort.signal);
  abort.abort();
  await started;
  expect(one.worker.ready).toBe(false);
});

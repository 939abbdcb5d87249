import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { DebouncedInput } from '../../drivers/gpio/debounced-input.ts';
import { GpiodOutput } from '../../drivers/gpio/gpiod-output.ts';
import { GpiodSource } from '../../drivers/gpio/gpiod-source.ts';
import { openGpioInput } from '../../drivers/gpio/open.ts';
import { fakeGpioPrograms, type GpioPrograms } from '../stand-ins/gpio-programs.ts';

/** Real children, but scripts in place of the programs of libgpiod: what is real there is run in a virtual machine. */

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

const TIMEOUT = { timeout: 15_000 };

async function programs(...options: Parameters<typeof fakeGpioPrograms>): Promise<GpioPrograms> {
  const made = await fakeGpioPrograms(...options);
  cleanUp.push(() => made.stop());
  return made;
}

/** A started line 17, and what it told: high, low, lost. */
function listen({ dev }: GpioPrograms, address: object = {}) {
  const source = new GpiodSource({ line: 17, activeLow: false, ...address }, systemClock, dev);
  const line = new DebouncedInput(source, 20, systemClock);
  const told: string[] = [];
  const times: number[] = [];
  line.start({
    level(high, at) {
      told.push(high ? 'high' : 'low');
      times.push(at.mono);
    },
    lost: () => told.push('lost'),
  });
  cleanUp.push(() => line.stop());
  return { line, told, times };
}

const now = () => systemClock.now().mono;
const alive = (user: string) => {
  try {
    return process.kill(Number(user.split(' ')[1]), 0);
  } catch {
    return false;
  }
};

describe.each(['1.6.3', '2.2.1'])('libgpiod %s', (version) => {
  test('the level that is found, then edges with the time of the kernel; stopped, the line is free', async () => {
    const gpio = await programs(version);
    gpio.setLevel(true);
    const { line, told, times } = listen(gpio, { activeLow: true, pull: 'up' });
    await expect.poll(() => told, TIMEOUT).toEqual(['high']);
    // All of them come at once: a press that lasted, a glitch, another press with a bounce.
    const end = now();
    gpio.edges([
      [end - 900, false],
      [end - 800, true],
      [end - 500, false],
      [end - 490, true],
      [end - 300, false],
      [end - 297, true],
      [end - 295, false],
    ]);
    await expect.poll(() => told, TIMEOUT).toEqual(['high', 'low', 'high', 'low']);
    expect(times.slice(1).map((at) => Math.round(at - end))).toEqual([-900, -800, -300]);
    expect(line.read()).toBe(false);
    expect(line.health()).toMatchObject({ status: 'ok', detail: { changes: 4 } });
    const bias = version.startsWith('1') ? ' -l -B pull-up gpiochip0 17' : ' -l -b pull-up -c gpiochip0 17';
    expect(gpio.calls().filter((call) => call.endsWith(bias))).toHaveLength(2);
    const user = gpio.user();
    expect(alive(user)).toBe(true);
    await line.stop();
    expect(alive(user)).toBe(false);
    expect(line.read()).toBe(null);
  });

  test('a gpiomon that ends is started again; the same level is news', async () => {
    const gpio = await programs(version);
    const { line, told } = listen(gpio);
    await expect.poll(() => told, TIMEOUT).toEqual(['low']);
    const user = gpio.user();
    process.kill(Number(user.split(' ')[1]), 'SIGKILL');
    await expect.poll(() => told, TIMEOUT).toEqual(['low', 'lost', 'low']);
    expect(gpio.user()).not.toBe(user);
    expect(line.health().status).toBe('ok');
  });

  test('a line that another program has: says whose it is, and takes it when it is free', async () => {
    const gpio = await programs(version);
    gpio.setUser('spi0');
    const { line, told } = listen(gpio);
    await expect.poll(() => told, TIMEOUT).toEqual(['lost']);
    expect(line.health()).toMatchObject({
      status: 'degraded',
      reason: expect.stringMatching(/^GPIO17: gpioget: .*resource busy \(used by spi0\)\. Stop the program/),
      detail: { code: 'CA_LINE_FAILED' },
    });
    gpio.setUser(null);
    await expect.poll(() => told, TIMEOUT).toEqual(['lost', 'low']);
  });

  test('a user who may not', async () => {
    const gpio = await programs(version);
    gpio.deny();
    const { line, told } = listen(gpio);
    await expect.poll(() => told, TIMEOUT).toEqual(['lost']);
    expect(line.health().reason).toMatch(/^GPIO17: .*Permission denied\. Add the user .* group `gpio`/);
  });

  test('an output is driven by one gpioset at a time, which is read back', async () => {
    const gpio = await programs(version);
    const line = new GpiodOutput({ line: 17, activeLow: false }, systemClock);
    cleanUp.push(() => line.close());
    expect(await line.get()).toBe(false);
    await line.set(true);
    expect([gpio.level(), await line.get()]).toEqual(['1', true]);
    const first = gpio.user();
    await line.set(true);
    expect(gpio.user()).toBe(first);
    // The second waits for its turn.
    await Promise.all([line.set(false), line.set(true), line.set(false)]);
    expect([gpio.level(), await line.get()]).toEqual(['0', false]);
    expect(alive(first)).toBe(false);
    const last = gpio.user();
    expect(alive(last)).toBe(true);
    process.kill(Number(last.split(' ')[1]), 'SIGKILL');
    gpio.setLevel(true);
    await expect.poll(() => line.get(), TIMEOUT).toBe(true);
    await line.set(false);
    await line.close();
    expect(alive(gpio.user())).toBe(false);
    gpio.setUser('spi0');
    await expect(line.set(true)).rejects.toMatchObject({
      code: 'CA_LINE_FAILED',
      message: expect.stringMatching(/resource busy \(used by spi0\)$/),
    });
  });
});

test('a line by its name', async () => {
  const gpio = await programs('2.2.1');
  const { told } = listen(gpio, { line: 'presence' });
  await expect.poll(() => told, TIMEOUT).toEqual(['low']);
  expect(gpio.calls().some((call) => /^gpiomon .* -c gpiochip0 17$/.test(call))).toBe(true);
  const other = listen(gpio, { line: 'doorbell' });
  await expect.poll(() => other.told, TIMEOUT).toEqual(['lost']);
  expect(other.line.health().reason).toMatch(/^doorbell: gpiochip0 has no line of that name\. Set `line`/);
});

test('a chip that vanishes under a gpiomon that does not notice', async () => {
  const gpio = await programs('1.6.3');
  const { line, told } = listen(gpio);
  await expect.poll(() => told, TIMEOUT).toEqual(['low']);
  gpio.setChip(false);
  await expect.poll(() => told, TIMEOUT).toEqual(['low', 'lost']);
  expect(line.health().reason).toMatch(/^GPIO17: .*gpiodetect/);
  gpio.setChip(true);
  await expect.poll(() => told, TIMEOUT).toEqual(['low', 'lost', 'low']);
});

test('programs that are not there', async () => {
  const none = await programs('2.2.1', { installed: false });
  const missing = listen(none);
  await expect.poll(() => missing.told, TIMEOUT).toEqual(['lost']);
  expect(missing.line.health()).toMatchObject({
    reason: 'gpiodetect is not installed. Install the Debian package gpiod.',
    detail: { code: 'CA_TOOL_MISSING' },
  });
});

test('programs of a version that is not known', async () => {
  const odd = listen(await programs('3.0'));
  await expect.poll(() => odd.told, TIMEOUT).toEqual(['lost']);
  expect(odd.line.health().reason).toMatch(/neither version 1 nor 2 of libgpiod: gpiomon \(libgpiod\) v3\.0/);
});

test.skipIf(existsSync('/sys/class/gpio'))(
  'where the kernel has no /sys/class/gpio, onoff gives way to gpiod',
  async () => {
    const gpio = await programs('2.2.1');
    const config = { line: 17, activeLow: false, backend: 'onoff', debounce: 5 } as const;
    const input = openGpioInput({ driver: 'gpio-presence', ...config }, systemClock);
    const heard: string[] = [];
    input.start(({ kind }) => heard.push(kind));
    cleanUp.push(() => input.stop());
    await expect.poll(() => heard[0], TIMEOUT).toBe('presence');
    expect(gpio.calls().some((call) => call.startsWith('gpiomon -F'))).toBe(true);
  },
);

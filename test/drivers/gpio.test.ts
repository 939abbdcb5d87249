import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { DriverHealth, InputEvent } from '../../drivers/types.ts';
import { type GpioMachine, openGpioMachine } from '../stand-ins/gpio-sysfs.ts';

/** Unmodified `onoff` on a file system that plays /sys/class/gpio; the driver is a process in a mount namespace with it. */

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

const script = (name: string) => join(import.meta.dirname, '../stand-ins', name);
const TIMEOUT = { timeout: 15_000 };

async function machine(options?: Parameters<typeof openGpioMachine>[0]): Promise<GpioMachine> {
  const opened = await openGpioMachine(options);
  cleanUp.push(() => opened.stop());
  return opened;
}

interface Heard {
  event: InputEvent;
  input: number;
}

/** The wires of a desk, started in the machine. */
async function desk({ node }: GpioMachine, wires: { inputs?: object[]; lamp?: object }) {
  const inputs = (wires.inputs ?? []).map((input) => ({
    ...{ backend: 'onoff', activeLow: false, debounce: 5 },
    ...input,
  }));
  const lamp = wires.lamp && { driver: 'gpio', backend: 'onoff', activeLow: false, ...wires.lamp };
  const child: ChildProcess = node(script('gpio-desk.ts'), JSON.stringify({ inputs, lamp }));
  const exited = once(child, 'exit');
  cleanUp.push(async () => {
    child.stdin?.destroy();
    await exited;
  });
  const heard: Heard[] = [];
  const answers: { answer?: unknown; error?: { code: string; message: string; remedy: string } }[] = [];
  const waiting: ((answer: (typeof answers)[number]) => void)[] = [];
  if (!child.stdout) throw new Error('no stdout');
  createInterface(child.stdout).on('line', (line) => {
    const said = JSON.parse(line);
    if (said.event) heard.push(said);
    else waiting.shift()?.(said);
  });
  const next = () => new Promise<(typeof answers)[number]>((resolve) => waiting.push(resolve));
  const ready = next();
  await Promise.race([ready, exited]);
  const ask = async (question: string) => {
    const answer = next();
    child.stdin?.write(`${question}\n`);
    return await answer;
  };
  return {
    ask,
    heard,
    said: (input = 0) =>
      heard
        .filter((each) => each.input === input)
        .map(({ event }) =>
          event.kind === 'presence'
            ? event.present
              ? 'here'
              : 'gone'
            : event.kind === 'press'
              ? event.button
              : event.kind,
        ),
    health: async (input = 0) => ((await ask('health')).answer as DriverHealth[])[input],
    async kill() {
      child.stdin?.write('die\n');
      await exited;
    },
  };
}

const presence = (line: number | string, more: object = {}) => ({ driver: 'gpio-presence', line, ...more });
const button = (line: number, more: object = {}) => ({
  ...{ driver: 'gpio-button', button: 'happy', line, activeLow: true },
  ...more,
});

test('1000 presses with bounces: each that is held arrives once, at its first edge, and no glitch does', async () => {
  const pi = await machine();
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`presses of SEED=${seed}`);
  const child = pi.node(script('gpio-presses.ts'), `${seed}`, '1000');
  let text = '';
  child.stdout?.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  const { pressed, heard } = JSON.parse(text);
  expect(pressed.length).toBe(1_000);
  expect(heard).toEqual(pressed);
});

test('in real time: the level that is found, changes, their times; a held button is no press', async () => {
  const pi = await machine();
  pi.sim('level 17 1');
  const { said, heard, health, ask } = await desk(pi, { inputs: [presence(17), button(22)] });
  // A line that nobody drives is low: the button is down when it is found.
  await expect.poll(() => said(), TIMEOUT).toEqual(['here']);
  await expect.poll(() => pi.exported().length, TIMEOUT).toBe(2);
  expect(pi.exported()).toEqual(['17 in 1 both 0 0', '22 in 0 both 1 0']);
  await sleep(100);
  const before = Number(process.hrtime.bigint()) / 1e6;
  pi.sim('level 17 0');
  const after = Number(process.hrtime.bigint()) / 1e6;
  await expect.poll(() => said(), TIMEOUT).toEqual(['here', 'gone']);
  const { mono = 0 } = heard.at(-1)?.event.at ?? {};
  expect(mono).toBeGreaterThanOrEqual(before);
  // The moment of the edge, not of the end of the debounce: far less than this on a machine that is not busy.
  expect(mono).toBeLessThan(after + 100);
  for (let n = 1; n <= 10; n++) {
    pi.sim('level 22 1');
    await sleep(40);
    pi.sim('level 22 0');
    await expect.poll(() => said(1).length, TIMEOUT).toBe(n);
  }
  expect(said(1)).toEqual(Array(10).fill('happy'));
  expect(await health()).toEqual({ status: 'ok', detail: { changes: 2, glitches: 0 } });
  await ask('stop');
  expect(pi.exported()).toEqual([]);
});

test('the number of a line counts from the base of its chip, wherever that is; names and other chips', async () => {
  const old = await machine({ base: 458, label: 'pinctrl-bcm2711' });
  const four = await desk(old, { inputs: [presence('GPIO17'), presence(60)] });
  await expect.poll(() => four.said(), TIMEOUT).toEqual(['gone']);
  await expect.poll(() => four.said(1), TIMEOUT).toEqual(['lost']);
  expect((await four.health(1))?.reason).toMatch(/^GPIO60: pinctrl-bcm2711 has 54 lines, 0 to 53\. /);

  const board = await machine({ label: 'pl061' });
  const inputs = [presence(17), presence(17, { chip: 'pl061' })];
  const other = await desk(board, { inputs });
  await expect.poll(() => other.said(1), TIMEOUT).toEqual(['gone']);
  expect(other.said()).toEqual(['lost']);
  expect((await other.health())?.reason).toMatch(
    /^GPIO17: no GPIO chip labelled pinctrl-rp1 or .* there are: other-chip, pl061\. Set `chip`/,
  );
});

test('a line that another driver has: says so, and takes it when it is free', async () => {
  const pi = await machine();
  pi.sim('busy 17 1');
  const { said, health } = await desk(pi, { inputs: [presence(17)] });
  await expect.poll(() => said(), TIMEOUT).toEqual(['lost']);
  expect(await health()).toMatchObject({
    status: 'degraded',
    reason: expect.stringMatching(/^GPIO17: EBUSY: .*Stop the program that uses it/),
    detail: { code: 'CA_LINE_FAILED' },
  });
  pi.sim('busy 17 0');
  await expect.poll(() => said(), TIMEOUT).toEqual(['lost', 'gone']);
  expect((await health())?.status).toBe('ok');
});

test('a user who may not, a line that stays an output: what to do', async () => {
  const pi = await machine();
  pi.sim('denied 0 1');
  const { said, health } = await desk(pi, { inputs: [presence(17)] });
  await expect.poll(() => said(), TIMEOUT).toEqual(['lost']);
  expect((await health())?.reason).toMatch(/^GPIO17: EACCES: .*group `gpio`/);
  pi.sim('denied 0 0');
  await expect.poll(() => said(), TIMEOUT).toEqual(['lost', 'gone']);

  const { namespaces } = pi;
  await namespaces.run('echo 530 >/sys/class/gpio/export; echo out >/sys/class/gpio/gpio530/direction');
  pi.sim('fixed 18 1');
  const fixed = await desk(pi, { inputs: [presence(18)] });
  await expect.poll(() => fixed.said(), TIMEOUT).toEqual(['lost']);
  expect((await fixed.health())?.reason).toMatch(/^GPIO18: direction is out, and stays so.*`gpio=18=ip`/);
});

test('a line that a killed service has left is taken over', async () => {
  const pi = await machine();
  const first = await desk(pi, { inputs: [presence(17, { activeLow: true })], lamp: { line: 27 } });
  await expect.poll(() => first.said(), TIMEOUT).toEqual(['here']);
  await first.ask('light');
  await first.kill();
  expect(pi.exported()).toEqual(['17 in 0 both 1 0', '27 out 1 none 0 0']);
  const second = await desk(pi, { inputs: [presence(17)], lamp: { line: 27 } });
  await expect.poll(() => second.said(), TIMEOUT).toEqual(['gone']);
  pi.sim('level 17 1');
  await expect.poll(() => second.said(), TIMEOUT).toEqual(['gone', 'here']);
  // Looked at, it stays as it is.
  expect(await second.ask('lit?')).toEqual({ answer: true });
  expect(pi.exported()).toEqual(['17 in 1 both 0 0', '27 out 1 none 0 0']);
});

test.each([
  ['with a word', 'gone 1 1'],
  ['without', 'gone 0 1'],
])('a chip that vanishes %s: lost once; when it is back, the same level is news', async (_how, vanish) => {
  const pi = await machine();
  const { said, health } = await desk(pi, { inputs: [presence(17), button(22)] });
  await expect.poll(() => said(), TIMEOUT).toEqual(['gone']);
  pi.sim('level 17 1');
  await expect.poll(() => said(), TIMEOUT).toEqual(['gone', 'here']);
  pi.sim(vanish);
  await expect.poll(() => said(), TIMEOUT).toEqual(['gone', 'here', 'lost']);
  await expect.poll(() => said(1), TIMEOUT).toEqual(['lost']);
  expect((await health())?.reason).toMatch(/^GPIO17: /);
  // Some openings in vain, which say nothing new.
  await sleep(1_200);
  expect(said()).toEqual(['gone', 'here', 'lost']);
  pi.sim('gone 0 0');
  await expect.poll(() => said(), TIMEOUT).toEqual(['gone', 'here', 'lost', 'here']);
  await expect.poll(async () => (await health(1))?.status, TIMEOUT).toBe('ok');
  // The button came back held down.
  expect(said(1)).toEqual(['lost']);
});

test.each([false, true])('a lamp, active low %s: switched, read back, left as it is', async (activeLow) => {
  const pi = await machine();
  const [on, off] = activeLow ? [0, 1] : [1, 0];
  const { ask } = await desk(pi, { lamp: { line: 27, activeLow } });
  const line = (level: number) => [`27 out ${level} none ${Number(activeLow)} 0`];
  await ask('light');
  expect(pi.exported()).toEqual(line(on));
  expect(await ask('lit?')).toEqual({ answer: true });
  await ask('dark');
  expect(pi.exported()).toEqual(line(off));
  expect(await ask('lit?')).toEqual({ answer: false });
  await ask('light');
  expect(await ask('close')).toEqual({ answer: null });
  expect(pi.exported()).toEqual(line(on));
});

test('a lamp that does not obey, whose line is another’s, or has gone: says so, and works afterwards', async () => {
  const pi = await machine();
  const { ask } = await desk(pi, { lamp: { line: 27 } });
  pi.sim('busy 27 1');
  expect((await ask('light')).error).toMatchObject({
    code: 'CA_LAMP_FAILED',
    message: expect.stringMatching(/^lamp gpio GPIO27: GPIO27: EBUSY/),
    remedy: expect.stringMatching(/^Stop the program/),
  });
  pi.sim('busy 27 0');
  pi.sim('short 27 1');
  expect((await ask('light')).error).toMatchObject({
    code: 'CA_LAMP_FAILED',
    message: 'lamp gpio GPIO27: GPIO27: is off after it was switched on',
    remedy: expect.stringMatching(/wiring/),
  });
  pi.sim('short 27 0');
  expect(await ask('light')).toEqual({ answer: null });
  pi.sim('gone 0 1');
  expect((await ask('lit?')).error?.code).toBe('CA_LAMP_FAILED');
  pi.sim('gone 0 0');
  expect(await ask('light')).toEqual({ answer: null });
  expect(await ask('lit?')).toEqual({ answer: true });
});

import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, ManualClock, systemClock } from '../../device/clock.ts';
import { LedLamp } from '../../drivers/led-lamp.ts';
import { LineLamp } from '../../drivers/line-protocol/line-lamp.ts';
import { SerialLink } from '../../drivers/line-protocol/serial-link.ts';
import { openWires } from '../../drivers/open.ts';
import type { InputEvent } from '../../drivers/types.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** What a promise rejects with. */
async function rejection(work: Promise<unknown>): Promise<{ code: string; message: string; remedy: string }> {
  return await work.then(
    () => expect.unreachable('it did not reject'),
    (error) => error,
  );
}

describe('a LED of the kernel', () => {
  /** Files as those of a LED; a plain file keeps what is written, as the kernel does. */
  async function led(max = 255): Promise<{ leds: string; file: (name: string) => string }> {
    const leds = await mkdtemp(join(tmpdir(), 'leds-'));
    cleanUp.push(() => rm(leds, { recursive: true }));
    const file = (name: string) => join(leds, 'recording', name);
    await mkdir(join(leds, 'recording'));
    await writeFile(file('brightness'), '0\n');
    await writeFile(file('max_brightness'), `${max}\n`);
    await writeFile(file('trigger'), 'none [mmc0] timer\n');
    return { leds, file };
  }

  test.each([255, 1])('is lit as bright as it can, %i, put out, and read back', async (max) => {
    const { leds, file } = await led(max);
    const lamp = new LedLamp('recording', leds);
    expect(await lamp.read()).toBe(false);
    await lamp.set(true);
    expect(readFileSync(file('brightness'), 'utf8')).toBe(`${max}`);
    expect(await lamp.read()).toBe(true);
    await lamp.set(false);
    expect(readFileSync(file('brightness'), 'utf8')).toBe('0');
    expect(await lamp.read()).toBe(false);
    await lamp.close();
  });

  test('is taken from its trigger, once; a kernel may have no triggers', async () => {
    const { leds, file } = await led();
    const lamp = new LedLamp('recording', leds);
    await lamp.set(false);
    expect(readFileSync(file('trigger'), 'utf8')).toBe('none');
    await writeFile(file('trigger'), 'untouched');
    await lamp.set(true);
    expect(readFileSync(file('trigger'), 'utf8')).toBe('untouched');

    await rm(file('trigger'));
    await new LedLamp('recording', leds).set(true);
    expect(existsSync(file('trigger'))).toBe(false);
  });

  test('that does not take the brightness is found out', async () => {
    const { leds, file } = await led();
    await rm(file('brightness'));
    await symlink('/dev/null', file('brightness'));
    const lamp = new LedLamp('recording', leds);
    expect(await rejection(lamp.set(true))).toMatchObject({
      code: 'CA_LAMP_FAILED',
      message: 'lamp led recording: brightness is 0 after 255 was set',
    });
    await lamp.set(false);
  });

  test('that is not there is not made, and the way to make it is told', async () => {
    const { leds } = await led();
    const lamp = new LedLamp('other', leds);
    for (const failed of [lamp.set(true), lamp.set(false), lamp.read()])
      expect(await rejection(failed)).toMatchObject({
        code: 'CA_LAMP_FAILED',
        remedy: expect.stringContaining('dtoverlay=gpio-led,gpio=17,label=other'),
      });
    expect(existsSync(join(leds, 'other'))).toBe(false);
  });

  test('that may not be written tells the udev rule', async () => {
    const { leds, file } = await led();
    await chmod(leds, 0o755);
    for (const name of ['brightness', 'max_brightness', 'trigger']) await chmod(file(name), 0o444);
    const root = process.geteuid?.() === 0;
    // Root may write whatever it likes.
    if (root) process.seteuid?.(65_534);
    const failed = rejection(new LedLamp('recording', leds).set(true));
    if (root) process.seteuid?.(0);
    expect(await failed).toMatchObject({
      code: 'CA_LAMP_FAILED',
      remedy: expect.stringMatching(/KERNEL=="recording".*chgrp gpio .*\/etc\/udev\/rules\.d/),
    });
    expect(await new LedLamp('recording', leds).read()).toBe(false);
  });
});

describe('a lamp on the line protocol', () => {
  /** A microcontroller with a lamp. `answer` says what it answers when its output is so. */
  async function microcontroller(answer: (lit: boolean) => string = (lit) => `L${Number(lit)}\n`) {
    const device = await openPty();
    cleanUp.push(device.stop);
    const told: string[] = [];
    const state = { lit: false };
    device.onLine((line) => {
      told.push(line);
      if (line === 'L1' || line === 'L0') state.lit = line === 'L1';
      // Unplugged meanwhile.
      device.write(answer(state.lit)).catch(() => {});
    });
    return { device, told, state };
  }

  function lampAt(port: string, clock = systemClock): LineLamp {
    const lamp = new LineLamp(new SerialLink(port, 115_200, clock), clock);
    cleanUp.push(() => lamp.close());
    return lamp;
  }

  test('is lit and put out, each confirmed, and asked how it is', async () => {
    const { device, told, state } = await microcontroller();
    const lamp = lampAt(device.port);
    await lamp.set(true);
    expect(state.lit).toBe(true);
    expect(await lamp.read()).toBe(true);
    await lamp.set(false);
    expect(state.lit).toBe(false);
    state.lit = true;
    expect(await lamp.read()).toBe(true);
    expect(told).toEqual(['L1', 'L?', 'L0', 'L?']);
  });

  test('takes one question at a time, in order', async () => {
    const { device, told, state } = await microcontroller();
    const lamp = lampAt(device.port);
    await Promise.all([true, false, true, true, false].map((lit) => lamp.set(lit)));
    expect(told).toEqual(['L1', 'L0', 'L1', 'L1', 'L0']);
    expect(state.lit).toBe(false);
  });

  test('that does not answer fails after 1 s, and may answer the next time', async () => {
    let mute = true;
    const { device } = await microcontroller((lit) => (mute ? 'K\nP1\n' : `L${Number(lit)}\n`));
    const lamp = lampAt(device.port);
    const from = performance.now();
    expect(await rejection(lamp.set(true))).toMatchObject({
      code: 'CA_LAMP_FAILED',
      message: `lamp line-protocol ${device.port}: no answer to L1 within 1 s`,
      remedy: expect.stringContaining('RX'),
    });
    expect(performance.now() - from).toBeGreaterThan(950);
    expect(performance.now() - from).toBeLessThan(2_000);
    mute = false;
    await lamp.set(true);
  });

  test('that answers something else fails, unless it comes round', async () => {
    const { device } = await microcontroller(() => 'L0\n');
    const lamp = lampAt(device.port);
    expect(await rejection(lamp.set(true))).toMatchObject({
      code: 'CA_LAMP_FAILED',
      message: expect.stringContaining('answers L1 with L0'),
    });
    expect(await lamp.read()).toBe(false);
    await lamp.set(false);

    const relay = await microcontroller((lit) => `L${Number(!lit)}\nL${Number(lit)}\n`);
    await lampAt(relay.device.port).set(true);
  });

  test('unplugged: fails, also in the middle of a question; plugged in again: obeys', async () => {
    let mute = false;
    const { device, told } = await microcontroller((lit) => (mute ? 'K\n' : `L${Number(lit)}\n`));
    const lamp = lampAt(device.port);
    await lamp.set(true);
    mute = true;
    const asked = rejection(lamp.read());
    await expect.poll(() => told.at(-1)).toBe('L?');
    await device.unplug();
    // On a busy machine the answer is missed before the port is.
    const failure = (message: RegExp) => ({
      code: 'CA_LAMP_FAILED',
      message: expect.stringMatching(message),
    });
    expect(await asked).toMatchObject(failure(/cannot be reached: .*tty|no answer to L\?/s));
    await expect
      .poll(() => rejection(lamp.set(false)), { timeout: 5_000 })
      .toMatchObject(failure(/cannot be reached: .*tty/s));
    await device.plug();
    mute = false;
    await expect.poll(() => lamp.set(false).then(() => 'out', String), { timeout: 15_000 }).toBe('out');
  });

  test('whose port is not there says so', async () => {
    const { device } = await microcontroller();
    await device.unplug();
    expect(await rejection(lampAt(device.port).set(true))).toMatchObject({
      code: 'CA_LAMP_FAILED',
      message: expect.stringMatching(/cannot be reached: .*No such file/s),
      remedy: expect.stringContaining('cable'),
    });
  });

  test('closed: the question fails at once, no timer is left, and the port is free', async () => {
    const clock = new ManualClock();
    const { device } = await microcontroller(() => 'K\n');
    const lamp = lampAt(device.port, clock);
    const asked = rejection(lamp.set(true));
    await expect.poll(() => clock.waiting()).not.toEqual([]);
    await lamp.close();
    expect(await asked).toMatchObject({ code: 'CA_LAMP_FAILED' });
    expect(clock.waiting()).toEqual([]);
    expect(await rejection(lamp.set(true))).toMatchObject({ code: 'CA_LAMP_FAILED' });
    expect(clock.waiting()).toEqual([]);
  });
});

describe('one microcontroller for sensor, buttons and lamp', () => {
  const none = () => {
    throw new Error('not in this test');
  };
  const around = (clock: Clock) => ({ clock, readSecret: none, tablet: none, faces: none });
  const at = (device: Pty) => ({ driver: 'line-protocol', port: device.port, baud: 115_200 }) as const;

  /** It says `P` and `B` lines as the test likes, and answers for its lamp. */
  async function desk(clock: Clock = systemClock) {
    const device = await openPty();
    cleanUp.push(device.stop);
    device.onLine((line) => void device.write(line === 'L1' ? 'L1\n' : 'L0\n').catch(() => {}));
    const { inputs, lamp } = openWires({ inputs: [at(device)], lamp: at(device) }, around(clock));
    const [input] = inputs;
    if (!input || !lamp) throw new Error('the desk has an input and a lamp');
    cleanUp.push(
      () => input.stop(),
      () => lamp.close(),
    );
    const said: string[] = [];
    const listen = () =>
      input.start((event: InputEvent) => {
        if (event.kind === 'press') said.push(event.button);
        else said.push(event.kind === 'presence' ? `${event.present}` : event.kind);
      });
    return { device, input, lamp, said, listen };
  }

  test('share its port, whichever is first, and neither disturbs the other', async () => {
    const { device, input, lamp, said, listen } = await desk();
    // Before the input is started: the recorder lights its lamp first.
    await lamp.set(true);
    listen();
    await Promise.all([device.write('P1\nBgood\n'), lamp.set(false), device.write('Bbad\nP0\n')]);
    await expect.poll(() => said).toEqual(['true', 'good', 'bad', 'false']);
    expect(input.health()).toMatchObject({ status: 'ok', detail: { lines: 6, unknown: 0 } });
    await lamp.set(true);

    // The other goes on with the port.
    await input.stop();
    expect(await lamp.read()).toBe(false);
    await device.write('P1\n');
    listen();
    await lamp.close();
    await device.write('P0\n');
    await expect.poll(() => said.at(-1)).toBe('false');
  });

  test('an input that comes to an open port is lost after 15 s of silence', async () => {
    const clock = new ManualClock();
    const { lamp, input, said, listen } = await desk(clock);
    await lamp.set(true);
    listen();
    clock.advance(14_999);
    expect(said).toEqual([]);
    clock.advance(1);
    expect(said).toEqual(['lost']);
    // What the lamp answers is a sign of life.
    await lamp.read();
    expect(input.health().status).toBe('ok');
  });

  test('an input that comes to a port in trouble hears of it at once', async () => {
    const { device, lamp, said, listen } = await desk();
    await device.unplug();
    await rejection(lamp.set(true));
    listen();
    expect(said).toEqual(['lost']);
    await device.plug();
    await expect
      .poll(
        async () => {
          await device.write('P1\n');
          return said;
        },
        { timeout: 15_000 },
      )
      .toEqual(['lost', 'true']);
    await lamp.set(true);
  });

  test('a lamp alone needs no input, an input no lamp', async () => {
    const device = await openPty();
    cleanUp.push(device.stop);
    expect(openWires({ inputs: [at(device)] }, around(systemClock)).lamp).toBeNull();
    const wires = openWires({ inputs: [], lamp: { driver: 'led', name: 'recording' } }, around(systemClock));
    expect(wires.inputs).toEqual([]);
    expect(wires.lamp?.name).toBe('lamp led recording');
  });
});

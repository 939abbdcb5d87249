import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { startArm } from './arm64.ts';
import { type Hub, startHub } from './hub.ts';
import type { Machine } from './machine.ts';
import { connectPl061, type Pl061 } from './pl061.ts';

/**
 * The service on an ARM computer with Debian's own kernel, at a real GPIO chip whose wires are moved from outside: one
 * desk through /sys/class/gpio, one through gpiomon and gpioset of that Debian.
 */

const CHIP = '9030000.pl061';
/** The lines of the desks. Buttons are to ground: high until they are pressed. */
const SYSFS = { presence: 0, happy: 1, unhappy: 2, answer: 3 };
const GPIOD = { presence: 4, happy: 5, unhappy: 6, answer: 7 };
/** How far a time may be off. The machine does not keep up with its clock while it computes (ms). */
const UNSURE = 500;

/** What the versions of Debian differ in. */
const SUITES = [
  { suite: 'bookworm', kernel: /^6\.1\./, base: 504, gpiomon: 'v1.6' },
  { suite: 'trixie', kernel: /^6\.12\./, base: 512, gpiomon: 'v2.2' },
] as const;

function desk(lines: typeof SYSFS, backend: 'onoff' | 'gpiod') {
  const at = (line: number) => ({ line, chip: CHIP, backend });
  const button = (name: 'happy' | 'unhappy') => ({
    ...{ driver: 'gpio-button', button: name, activeLow: true },
    ...at(lines[name]),
  });
  return {
    inputs: [{ driver: 'gpio-presence', ...at(lines.presence) }, button('happy'), button('unhappy')],
    buttons: { happy: { rating: 5, tag: 'positive' }, unhappy: { rating: 1, tag: 'negative' } },
    acknowledge: { driver: 'gpio', ...at(lines.answer) },
  };
}

const config = (mqtt: Hub['mqtt']) => ({
  ...{ device: 'arm', data: '/tmp/ca/data', mqtt, page: { port: 0 }, clock: { trusted: true } },
  ...{ arrival: { confirm: '500ms' }, departure: { confirm: '1s' }, contact: { served: '2s' } },
  ...{ press: { grace: '2s' }, vault: { free: '0MB' } },
  desks: { sysfs: desk(SYSFS, 'onoff'), gpiod: desk(GPIOD, 'gpiod') },
});

describe.each(SUITES)('$suite', ({ suite, kernel, base, gpiomon }) => {
  let hub: Hub;
  let machine: Machine;
  let wires: Pl061;
  beforeAll(async () => {
    hub = await startHub();
    machine = await startArm(suite);
    wires = await connectPl061(machine);
    for (const { happy, unhappy } of [SYSFS, GPIOD])
      for (const line of [happy, unhappy]) await wires.drive(line, true);
    await hub.run(machine, '/app', config(hub.mqtt));
  });
  afterAll(async () => {
    wires?.close();
    await machine?.stop();
    await hub?.stop();
  });

  /** A button goes down, bouncing, and up again. */
  async function press(line: number): Promise<void> {
    for (const level of [false, true, false, true, false]) await wires.drive(line, level);
    await sleep(300);
    for (const level of [true, false, true]) await wires.drive(line, level);
  }

  /** Until an output says so, from outside. */
  const becomes = (line: number, high: boolean) =>
    expect.poll(() => wires.level(line), { timeout: 30_000, interval: 10 }).toBe(high);

  test('is the kernel, the numbering of lines and the gpiomon that it is meant to be', async () => {
    const { guest } = machine;
    expect(await guest.run('uname -r')).toMatch(kernel);
    expect((await guest.run('cat /sys/class/gpio/gpiochip*/base')).trim()).toBe(`${base}`);
    expect(await guest.run('gpiomon --version')).toContain(gpiomon);
  });

  test('a patient comes, presses and goes at each desk', async () => {
    // Ready is who is on the way to its lines: before gpiomon has its own, nobody sees what changes there.
    const taken =
      '[ $(gpioinfo | grep -c gpiomon) = 3 ] && [ $(grep -l both /sys/class/gpio/gpio*/edge | wc -l) = 3 ]';
    const listening = () =>
      machine.guest.run(taken).then(
        () => true,
        () => false,
      );
    await expect.poll(listening, { timeout: 120_000, interval: 500 }).toBe(true);
    await sleep(1_000);
    const from = hub.count();
    const [arrived] = [
      performance.now(),
      await Promise.all([wires.drive(SYSFS.presence, true), wires.drive(GPIOD.presence, true)]),
    ];
    await Promise.all([hub.started('sysfs', from), hub.started('gpiod', from)]);
    const pressed = performance.now();
    for (const [name, lines, which] of [
      ['sysfs', SYSFS, 'unhappy'],
      ['gpiod', GPIOD, 'happy'],
    ] as const) {
      const answered = becomes(lines.answer, true);
      await press(lines[which]);
      await answered;
      await becomes(lines.answer, false);
      expect((await hub.pressed(name, from)).button).toBe(which);
    }
    const left = performance.now();
    await wires.drive(SYSFS.presence, false);
    await wires.drive(GPIOD.presence, false);
    const check = (contact: ContactRecord, tag: string) => {
      expect(contact).toMatchObject({ endReason: 'departed', served: true, tag, tagSource: 'press' });
      expect(contact.presses).toHaveLength(1);
      expect(Math.abs((contact.duration ?? 0) - (left - arrived))).toBeLessThan(UNSURE);
    };
    const sysfs = await hub.closed('sysfs', from);
    const gpiod = await hub.closed('gpiod', from);
    check(sysfs, 'negative');
    check(gpiod, 'positive');
    const after = Date.parse(sysfs.presses[0]?.time ?? '') - Date.parse(sysfs.startedAt);
    expect(Math.abs(after - (pressed - arrived))).toBeLessThan(UNSURE);
    expect(Math.abs(Date.parse(sysfs.startedAt) - Date.parse(gpiod.startedAt))).toBeLessThan(UNSURE);
  });
});

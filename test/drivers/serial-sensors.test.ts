import { describe, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { openWires } from '../../drivers/open.ts';
import type { SensorConfig } from '../../drivers/serial/sensors.ts';
import { PlayedRadar } from '../stand-ins/radar.ts';
import { cleanUp, LONG, listen, passing, pty } from './sensor-rig.ts';

/** Real pseudo-terminals, the real serialport library, radars that the test plays. */

const zone = { left: -600, right: 600, near: 200, far: 1_500 };
const window = { near: 200, far: 1_200 };
const LD2410 = { driver: 'ld2410', baud: 256_000, range: 1_500 } as const;

async function radar(model: 'ld2410' | 'ld2450' = 'ld2410') {
  const device = await pty();
  const played = new PlayedRadar(device, model);
  cleanUp.push(() => played.stop());
  return { device, played };
}

describe('an LD2410', () => {
  test('is set up, tells who is there, and is left as it is the next time', async () => {
    const { device, played } = await radar();
    played.engineering = true;
    const first = listen(device, { ...LD2410, threshold: 35 });
    await expect.poll(() => played.commands.filter((command) => command === 0xfe).length, LONG).toBe(1);
    expect(played).toMatchObject({
      movingGate: 2,
      stillGate: 2,
      noOne: 1,
      engineering: false,
      bluetooth: false,
    });
    expect(played.moving).toEqual(Array(9).fill(35));
    expect(played.still.slice(2)).toEqual(Array(7).fill(35));
    // Once each, and one restart for Bluetooth.
    expect(played.written).toEqual([0x60, 0x64, 0xa4, 0xa3]);

    await expect.poll(first.said, LONG).toEqual(['gone']);
    const before = systemClock.now().mono;
    played.state = 2;
    await expect.poll(first.said, LONG).toEqual(['gone', 'here']);
    expect(first.events[1]?.at.mono).toBeGreaterThan(before);
    played.state = 0;
    await expect.poll(first.said, LONG).toEqual(['gone', 'here', 'gone']);
    expect(first.health()).toMatchObject({ status: 'ok', detail: { broken: 0 } });
    await first.driver.stop();

    played.commands.length = 0;
    const second = listen(device, { ...LD2410, threshold: 35 });
    await expect.poll(() => played.commands.at(-1), LONG).toBe(0xfe);
    expect(played.written).toEqual([]);
    await expect.poll(second.said, LONG).toEqual(['gone']);
    expect(second.health().status).toBe('ok');
  });

  test('with gates of 20 cm gets those of 75 cm; an old one that does not know the question is taken as it is', async () => {
    const { device, played } = await radar();
    played.resolution = 1;
    const first = listen(device, LD2410);
    await expect.poll(() => played.commands.at(-1), LONG).toBe(0xfe);
    expect(played).toMatchObject({ resolution: 0, bluetooth: false });
    expect(played.written).toEqual([0x60, 0xaa, 0xa4, 0xa3]);
    await first.driver.stop();

    played.commands.length = 0;
    played.unknown.add(0xab).add(0xa5);
    const old = listen(device, LD2410);
    await expect.poll(() => played.commands.at(-1), LONG).toBe(0xfe);
    await expect.poll(old.said, LONG).toEqual(['gone']);
    expect(old.health().status).toBe('ok');
    expect(played.written).toEqual([]);
  });

  test('that hears nothing still counts, says what to do, and is set up once it hears', async () => {
    const { device, played } = await radar();
    played.deaf = true;
    const { said, health, code } = listen(device, LD2410);
    await expect.poll(code, LONG).toBe('CA_SENSOR_REFUSED');
    expect(health().reason).toMatch(/no answer to command 0xFF.*RX is wired/s);
    played.state = 1;
    await expect.poll(said, LONG).toEqual(['gone', 'here']);
    expect(code()).toBe('CA_SENSOR_REFUSED');
    played.deaf = false;
    await expect.poll(() => health().status, LONG).toBe('ok');
    expect(played.movingGate).toBe(2);
    expect(said()).not.toContain('lost');
  });

  test('that refuses a command goes on reporting, and is not written to again and again', async () => {
    const { device, played } = await radar();
    played.refuses.add(0x60);
    const { said, health, code } = listen(device, LD2410);
    await expect.poll(code, LONG).toBe('CA_SENSOR_REFUSED');
    expect(health().reason).toContain('refuses command 0x60');
    await expect.poll(said, LONG).toEqual(['gone']);
    // Tried again, it is only read.
    await expect.poll(() => health().reason, LONG).toContain('keeps gates 8 and 8');
    await expect
      .poll(() => played.commands.filter((command) => command === 0xff).length, LONG)
      .toBeGreaterThan(2);
    expect(played.written).toEqual([0x60]);
    // A set-up that failed was ended all the same.
    await expect.poll(() => played.configuring, LONG).toBe(false);
  });

  test('that says yes and keeps its Bluetooth is told of, and not restarted again', async () => {
    const { device, played } = await radar();
    played.ignores.add(0xa4);
    const { health, code } = listen(device, LD2410);
    await expect.poll(code, LONG).toBe('CA_SENSOR_REFUSED');
    expect(health().reason).toMatch(/Bluetooth stays on.*HLKRadarTool/s);
    await expect
      .poll(() => played.commands.filter((command) => command === 0xff).length, LONG)
      .toBeGreaterThan(2);
    expect(played.written).toEqual([0x60, 0xa4, 0xa3]);
  });

  test('unplugged: lost once; another one plugged in is set up too', async () => {
    const { device, played } = await radar();
    const { said, health, code } = listen(device, LD2410);
    await expect.poll(() => played.commands.at(-1), LONG).toBe(0xfe);
    played.state = 1;
    await expect.poll(() => said().at(-1), LONG).toBe('here');
    const before = said();
    await device.unplug();
    await expect.poll(said, LONG).toEqual([...before, 'lost']);
    expect(code()).toBe('CA_INPUT_LOST');
    expect(health().reason).toContain(device.port);

    Object.assign(played, { movingGate: 8, configuring: false });
    played.commands.length = 0;
    await device.plug();
    await expect.poll(said, LONG).toEqual([...before, 'lost', 'here']);
    await expect.poll(() => played.movingGate, LONG).toBe(2);
    await expect.poll(() => health().status, LONG).toBe('ok');
  });

  test('that was left in the middle of a set-up is got out of it', async () => {
    const { device, played } = await radar();
    played.configuring = true;
    const { said } = listen(device, LD2410);
    await expect.poll(said, LONG).toEqual(['gone']);
  });

  test('without power, its port open: silent; with another one in its place: set up', async () => {
    const { device, played } = await radar();
    played.bluetooth = false;
    const clock = new ManualClock();
    const { said, code, health } = listen(device, LD2410, clock);
    await expect.poll(passing(clock, said), LONG).toEqual(['gone']);
    await expect
      .poll(
        passing(clock, () => played.commands.at(-1)),
        LONG,
      )
      .toBe(0xfe);
    played.off = true;
    await expect.poll(passing(clock, said), LONG).toEqual(['gone', 'lost']);
    expect(code()).toBe('CA_INPUT_SILENT');
    expect(health().reason).toMatch(/no valid reading for 5 s at 256000 baud/);
    Object.assign(played, { movingGate: 8, off: false, configuring: false });
    await expect
      .poll(
        passing(clock, () => played.movingGate),
        LONG,
      )
      .toBe(2);
    await expect.poll(passing(clock, said), LONG).toEqual(['gone', 'lost', 'gone']);
    await expect
      .poll(
        passing(clock, () => health().status),
        LONG,
      )
      .toBe('ok');
  });

  test('stopped in the middle of its set-up: the port is free and no timer is left', async () => {
    const { device, played } = await radar();
    played.unknown.add(0x61);
    const clock = new ManualClock();
    const { driver } = listen(device, LD2410, clock);
    await expect.poll(() => played.commands.at(-1), LONG).toBe(0x61);
    await driver.stop();
    expect(clock.waiting()).toEqual([]);
    played.unknown.clear();
    const second = listen(device, LD2410);
    await expect.poll(() => played.movingGate, LONG).toBe(2);
    await expect.poll(second.said, LONG).toEqual(['gone']);
  });
});

test('an LD2450 follows several people, has no Bluetooth, and counts those in the zone', async () => {
  const { device, played } = await radar('ld2450');
  const { said, health } = listen(device, { driver: 'ld2450', baud: 256_000, zone });
  await expect.poll(() => played.commands.at(-1), LONG).toBe(0xfe);
  expect(played).toMatchObject({ targetMode: 2, bluetooth: false });
  expect(played.written).toEqual([0x90, 0xa4, 0xa3]);
  await expect.poll(said, LONG).toEqual(['gone']);
  played.state = 1;
  await expect.poll(said, LONG).toEqual(['gone', 'here']);
  expect(health().status).toBe('ok');
});

test('an RD-03D is told to follow several people, and need not answer', async () => {
  const { device, played } = await radar('ld2450');
  played.unknown.add(0x90);
  const { said, health } = listen(device, { driver: 'rd03d', baud: 256_000, zone });
  await expect.poll(said, LONG).toEqual(['gone']);
  expect(played.commands).toEqual([0x90]);
  expect(health().status).toBe('ok');
});

test('each of them is opened out of the config', async () => {
  const port = '/dev/nowhere';
  const inputs: SensorConfig[] = [
    { ...LD2410, port },
    { driver: 'ld2450', port, baud: 256_000, zone },
    { driver: 'rd03d', port, baud: 256_000, zone },
    { driver: 'tf-luna', port, baud: 115_200, ...window },
    { driver: 'maxbotix', port, baud: 9_600, unit: 'mm', ...window },
  ];
  const none = () => expect.unreachable('nothing else is needed');
  const house = { clock: systemClock, readSecret: none, tablet: none, faces: none };
  expect(openWires({ inputs }, house).inputs.map(({ name }) => name)).toEqual(
    inputs.map(({ driver }) => `${driver} ${port}`),
  );
});

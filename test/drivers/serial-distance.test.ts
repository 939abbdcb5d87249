import { expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import type { Pty } from '../stand-ins/pty.ts';
import { type HeardSensor, LONG, listen, passing, pty } from './sensor-rig.ts';

/** Sensors of distance on real pseudo-terminals: what is silent, wild or dazzled. */

const window = { near: 200, far: 1_200 };
const TF_LUNA = { driver: 'tf-luna', baud: 115_200, ...window } as const;
const MAXBOTIX = { driver: 'maxbotix', baud: 9_600, unit: 'mm', ...window } as const;
// 120 cm, 1500; 42 cm, dazzled.
const HERE = Buffer.from('59597800dc05300944', 'hex');
const DAZZLED = Buffer.from('59592a00ffff300913', 'hex');

/**
 * Opening takes a moment, and what is sent before is thrown away: says it until it is heard, and all of it. The clock goes on
 * meanwhile, for between two readings of the port the driver rests.
 */
async function until<T>(
  device: Pty,
  clock: ManualClock,
  sensor: HeardSensor,
  bytes: Buffer | string,
  look: () => T,
  expected: T,
) {
  const sending = async () => {
    await device.write(bytes);
    clock.advance(50);
    return look();
  };
  await expect.poll(sending, LONG).toEqual(expected);
  await heardAll(device, clock, sensor);
}

/** Waits until a stray byte that is sent now has been read, and so all before it. */
async function heardAll(device: Pty, clock: ManualClock, sensor: HeardSensor) {
  const strays = () => Number(sensor.health().detail?.strayBytes);
  const before = strays();
  await device.write('\0');
  await expect.poll(passing(clock, strays), LONG).toBe(before + 1);
}

test('quiet is not silent: nobody there is no loss, 5 s without a reading are', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const sensor = listen(device, MAXBOTIX, clock);
  const { said, events, code, health } = sensor;
  await until(device, clock, sensor, 'R5000\r', said, ['gone']);
  for (let n = 0; n < 8; n++) {
    const before = Number(health().detail?.frames);
    clock.advance(3_000);
    await until(device, clock, sensor, 'R5000\r', () => Number(health().detail?.frames) > before, true);
  }
  expect(said()).toEqual(['gone']);
  const before = clock.now().mono;
  await until(device, clock, sensor, 'R5000\r', () => clock.now().mono > before, true);
  const after = clock.now().mono;
  await device.write('rubbish, R480, R04\r');
  await expect
    .poll(
      passing(clock, () => health().detail?.broken),
      LONG,
    )
    .toBe(2);
  clock.advance(before + 4_999 - clock.now().mono);
  expect(said()).toEqual(['gone']);
  clock.advance(after + 5_000 - clock.now().mono);
  expect(said()).toEqual(['gone', 'lost']);
  expect(events[1]?.at.mono).toBeGreaterThanOrEqual(before + 5_000);
  expect(code()).toBe('CA_INPUT_SILENT');
  expect(health().reason).toContain('`unit`');
  clock.advance(60_000);
  expect(said()).toEqual(['gone', 'lost']);
  await until(device, clock, sensor, 'R0480\r', said, ['gone', 'lost', 'here']);
  expect(health().status).toBe('ok');
});

test('one wild reading is no arrival; an arrival is stamped with the first of its readings', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const sensor = listen(device, MAXBOTIX, clock);
  const { said, events, health } = sensor;
  await until(device, clock, sensor, 'R5000\r', said, ['gone']);
  const frames = () => Number(health().detail?.frames);
  const one = async (text: string) => {
    const before = frames();
    await device.write(text);
    await expect.poll(passing(clock, frames), LONG).toBe(before + 1);
  };
  for (const text of ['R0480\r', 'R0480\r', 'R5000\r']) await one(text);
  const before = clock.now().mono;
  await one('R0480\r');
  const first = clock.now().mono;
  await one('R0481\r');
  expect(said()).toEqual(['gone']);
  await one('R0482\r');
  expect(said()).toEqual(['gone', 'here']);
  expect(events[1]?.at.mono).toBeGreaterThanOrEqual(before);
  expect(events[1]?.at.mono).toBeLessThanOrEqual(first);
});

test('a TF-Luna that is dazzled cannot tell, and says so', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const sensor = listen(device, TF_LUNA, clock);
  const { said, code, health } = sensor;
  await until(device, clock, sensor, HERE, said, ['here']);
  const heard = clock.now().mono;
  await until(device, clock, sensor, DAZZLED, () => Number(health().detail?.dazzled) > 0, true);
  clock.advance(2_000);
  expect(said()).toEqual(['here']);
  clock.advance(heard + 5_000 - clock.now().mono);
  expect(said()).toEqual(['here', 'lost']);
  expect(code()).toBe('CA_INPUT_SILENT');
  expect(health().reason).toMatch(/dazzled.*sun/s);
  await until(device, clock, sensor, HERE, said, ['here', 'lost', 'here']);
});

test('stop leaves no timer, and the port free', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const first = listen(device, TF_LUNA, clock);
  await until(device, clock, first, HERE, first.said, ['here']);
  await first.driver.stop();
  expect(clock.waiting()).toEqual([]);
  const second = listen(device, TF_LUNA, clock);
  await until(device, clock, second, HERE, second.said, ['here']);
});

import { afterEach, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { SerialInput } from '../../drivers/line-protocol/serial-input.ts';
import { SerialLink } from '../../drivers/line-protocol/serial-link.ts';
import type { InputEvent } from '../../drivers/types.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';

/** Real pseudo-terminals, the real serialport library. */

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

async function pty(): Promise<Pty> {
  const opened = await openPty();
  cleanUp.push(opened.stop);
  return opened;
}

/** A started driver, what it said, and a way to wait until it has said so much. */
function listen(port: string, clock = systemClock) {
  const driver = new SerialInput(new SerialLink(port, 115_200, clock), clock);
  const events: InputEvent[] = [];
  driver.start((event) => events.push(event));
  cleanUp.push(() => driver.stop());
  const said = () =>
    events.map((event) =>
      event.kind === 'presence'
        ? event.present
          ? 'here'
          : 'gone'
        : event.kind === 'press'
          ? event.button
          : 'lost',
    );
  return { driver, events, said };
}

/** Opening takes a moment, and what is sent before is thrown away: says K until it is heard. */
async function heard(device: Pty, driver: SerialInput): Promise<void> {
  const before = driver.health().detail?.lines;
  await expect
    .poll(
      async () => {
        await device.write('K\n');
        return driver.health().detail?.lines;
      },
      { timeout: 10_000 },
    )
    .not.toBe(before);
}

test('presence and presses arrive, stamped when their bytes did; repeats and garbage do not', async () => {
  const device = await pty();
  const { driver, events, said } = listen(device.port);
  await heard(device, driver);
  const before = systemClock.now();
  await device.write('P0\nP0\r\nP1\nP1\nP1*61\nBgo');
  await device.write('od*41\n\xff\xfe\x00rubbish\nBgood*99\nBbad\n');
  await device.write('P1\nP0\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['gone', 'here', 'good', 'bad', 'gone']);
  for (const { at } of events) {
    expect(at.mono).toBeGreaterThanOrEqual(before.mono);
    expect(at.mono).toBeLessThan(before.mono + 1_000);
    expect(Math.abs(at.wall - before.wall - (at.mono - before.mono))).toBeLessThan(5);
  }
  expect(driver.health()).toMatchObject({ status: 'ok', detail: { notAscii: 1, checksum: 1, unknown: 0 } });
});

test('unplugged: lost at once and once; plugged again: the same level is news', async () => {
  const device = await pty();
  const { driver, said } = listen(device.port);
  await heard(device, driver);
  await device.write('P1\nBha');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['here']);

  await device.unplug();
  await expect.poll(said, { timeout: 5_000 }).toEqual(['here', 'lost']);
  expect(driver.health()).toMatchObject({ status: 'degraded', detail: { code: 'CA_INPUT_LOST' } });
  expect(driver.health().reason).toContain(device.port);
  // Two openings in vain, which say nothing new.
  await new Promise((resolve) => setTimeout(resolve, 1_700));

  await device.plug();
  await heard(device, driver);
  await device.write('lf\nP1\nBgood\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['here', 'lost', 'here', 'good']);
  expect(driver.health()).toMatchObject({ status: 'ok', detail: { unknown: 1 } });
});

test('a port that is not there at the start is lost at once and found later', async () => {
  const device = await pty();
  await device.unplug();
  const { driver, said } = listen(device.port);
  await expect.poll(said, { timeout: 5_000 }).toEqual(['lost']);
  expect(driver.health().reason).toMatch(/No such file.*cable/s);
  await device.plug();
  await heard(device, driver);
  await device.write('P0\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['lost', 'gone']);
});

test('what was sent before the port was open is not taken for now', async () => {
  const device = await pty();
  await device.write('P1\nBgood\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { driver, said } = listen(device.port);
  await heard(device, driver);
  await device.write('P0\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['gone']);
});

test('15 s without a valid line: lost, until a line comes', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const { driver, events, said } = listen(device.port, clock);
  await heard(device, driver);
  await device.write('P1\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['here']);

  clock.advance(14_999);
  await device.write('rubbish\n');
  await expect.poll(() => driver.health().detail?.unknown, { timeout: 5_000 }).toBe(1);
  expect(said()).toEqual(['here']);
  const silentAt = clock.now().mono + 1;
  clock.advance(1);
  expect(said()).toEqual(['here', 'lost']);
  expect(events[1]?.at.mono).toBe(silentAt);
  expect(driver.health()).toMatchObject({ status: 'degraded', detail: { code: 'CA_INPUT_SILENT' } });
  expect(driver.health().reason).toMatch(/no valid line for 15 s.*TX goes to RX/s);

  await device.write('K\n');
  await expect.poll(() => driver.health().status, { timeout: 5_000 }).toBe('ok');
  clock.advance(14_999);
  await device.write('P1\n');
  await expect.poll(said, { timeout: 5_000 }).toEqual(['here', 'lost', 'here']);
  clock.advance(14_999);
  expect(driver.health().status).toBe('ok');
});

test('unplugged for long: says so, and not that the device is silent', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const { driver, said } = listen(device.port, clock);
  await heard(device, driver);
  await device.unplug();
  const passing = () => {
    clock.advance(100);
    return said();
  };
  await expect.poll(passing, { timeout: 5_000 }).toEqual(['lost']);
  clock.advance(15_000);
  expect(driver.health().detail?.code).toBe('CA_INPUT_LOST');
  expect(said()).toEqual(['lost']);
});

test('stop closes the port and leaves no timer, connected or not', async () => {
  const device = await pty();
  const clock = new ManualClock();
  const { driver, said } = listen(device.port, clock);
  await heard(device, driver);
  await driver.stop();
  expect(clock.waiting()).toEqual([]);
  // The port is free again.
  const second = listen(device.port, clock);
  await heard(device, second.driver);
  await device.unplug();
  const passing = () => {
    clock.advance(100);
    return second.said();
  };
  await expect.poll(passing, { timeout: 5_000 }).toEqual(['lost']);
  await second.driver.stop();
  expect(clock.waiting()).toEqual([]);
  expect(said()).toEqual([]);

  const third = listen(device.port, clock);
  await third.driver.stop();
  expect(clock.waiting()).toEqual([]);
});

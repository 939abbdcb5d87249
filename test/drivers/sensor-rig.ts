import { afterEach } from 'vitest';
import { type Clock, type ManualClock, systemClock } from '../../device/clock.ts';
import { type SensorConfig, sensorKind } from '../../drivers/serial/sensors.ts';
import { SerialSensor } from '../../drivers/serial/serial-sensor.ts';
import type { InputEvent } from '../../drivers/types.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';

/** How long what must come may take on a busy machine. */
export const LONG = { timeout: 10_000, interval: 20 };

/** Is done after the test, the last first. */
export const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

/** A pseudo-terminal that ends with the test. */
export async function pty(): Promise<Pty> {
  const opened = await openPty();
  cleanUp.push(opened.stop);
  return opened;
}

type Unplaced<T> = T extends unknown ? Omit<T, 'port'> : never;
export type HeardSensor = ReturnType<typeof listen>;

/** A started driver and what it said. */
export function listen(device: Pty, config: Unplaced<SensorConfig>, clock: Clock = systemClock) {
  const placed = { ...config, port: device.port };
  const driver = new SerialSensor(sensorKind(placed), placed.port, placed.baud, clock);
  const events: InputEvent[] = [];
  driver.start((event) => events.push(event));
  cleanUp.push(() => driver.stop());
  const said = () =>
    events.map((event) => (event.kind === 'presence' ? (event.present ? 'here' : 'gone') : event.kind));
  const health = () => driver.health();
  const code = () => health().detail?.code;
  return { driver, events, said, health, code };
}

/** `look`, for a clock that stands still: each time it is polled, some time passes. */
export const passing = <T>(clock: ManualClock, look: () => T) => {
  return () => {
    clock.advance(50);
    return look();
  };
};

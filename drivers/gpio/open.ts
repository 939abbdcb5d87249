import type { DeskConfig } from '../../config/schema.ts';
import type { Clock } from '../../device/clock.ts';
import type { DigitalInput, DigitalOutput, InputDriver, Lamp } from '../types.ts';
import { DebouncedInput } from './debounced-input.ts';
import { GpioButton, GpioPresence } from './gpio-input.ts';
import { GpioLamp } from './gpio-lamp.ts';
import { GpiodOutput } from './gpiod-output.ts';
import { GpiodSource } from './gpiod-source.ts';
import { OnoffOutput } from './onoff-output.ts';
import { OnoffSource } from './onoff-source.ts';
import { hasSysfs } from './sysfs.ts';

type GpioInputConfig = Extract<DeskConfig['inputs'][number], { driver: 'gpio-presence' | 'gpio-button' }>;
type GpioLampConfig = Extract<NonNullable<DeskConfig['lamp']>, { driver: 'gpio' }>;

/** A sensor or button at a line of a GPIO chip; silent until started. */
export function openGpioInput(config: GpioInputConfig, clock: Clock): InputDriver {
  const line = openDigitalInput(config, clock);
  return config.driver === 'gpio-presence'
    ? new GpioPresence(line, clock)
    : new GpioButton(line, config.button, clock);
}

/** A lamp at a line of a GPIO chip. */
export function openGpioLamp(config: GpioLampConfig, clock: Clock): Lamp {
  return new GpioLamp(openDigitalOutput(config, clock));
}

/** A kernel without /sys/class/gpio, which is on its way out, is left `gpiod`. */
const byOnoff = ({ backend }: { backend: 'onoff' | 'gpiod' }) => backend === 'onoff' && hasSysfs();

function openDigitalInput(config: GpioInputConfig, clock: Clock): DigitalInput {
  const source = byOnoff(config) ? new OnoffSource(config, clock) : new GpiodSource(config, clock);
  return new DebouncedInput(source, config.debounce, clock);
}

function openDigitalOutput(config: GpioLampConfig, clock: Clock): DigitalOutput {
  return byOnoff(config) ? new OnoffOutput(config, clock) : new GpiodOutput(config, clock);
}

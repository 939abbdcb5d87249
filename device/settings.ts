import type { Config } from '../config/schema.ts';
import type { Button, Settings } from './contacts/model.ts';

/** The rules of one desk, out of the config. The highest rating that its buttons offer is the top one. */
export function settingsOf(config: Config, desk: string): Settings {
  const configured = config.desks[desk]?.buttons ?? {};
  const highest = Math.max(...Object.values(configured).map((button) => button.rating));
  const buttons: Record<string, Button> = {};
  for (const [name, button] of Object.entries(configured))
    buttons[name] = { ...button, top: button.rating === highest };
  return {
    arrivalConfirm: config.arrival.confirm,
    departureConfirm: config.departure.confirm,
    contactMax: config.contact.max,
    servedMinimum: config.contact.served,
    pressGrace: config.press.grace,
    pressRepeat: config.press.repeat,
    sensorLost: config.sensor.lost,
    buttons,
  };
}

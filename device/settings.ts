import type { Config } from '../config/schema.ts';
import type { Button, Settings } from './contacts/model.ts';

/** What a button does that does not rate. */
export type ButtonDeed =
  | { readonly does: 'veto' | 'pause' }
  | { readonly does: 'shift'; readonly receptionist: string };

/** The rules of one desk, out of the config. The highest rating that its buttons offer is the top one. */
export function settingsOf(config: Config, desk: string): Settings {
  const rating = buttonsOf(config, desk).flatMap(([name, button]) =>
    'rating' in button ? [[name, button] as const] : [],
  );
  const highest = Math.max(...rating.map(([, button]) => button.rating));
  const buttons: Record<string, Button> = {};
  for (const [name, button] of rating) buttons[name] = { ...button, top: button.rating === highest };
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

/** The buttons of a desk that do not rate, by name. */
export function doesOf(config: Config, desk: string): ReadonlyMap<string, ButtonDeed> {
  return new Map(
    buttonsOf(config, desk).flatMap(([name, button]) => ('does' in button ? [[name, button] as const] : [])),
  );
}

function buttonsOf(config: Config, desk: string) {
  return Object.entries(config.desks[desk]?.buttons ?? {});
}

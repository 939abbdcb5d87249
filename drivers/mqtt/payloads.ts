/**
 * What sensors, buttons and their gateways publish, and what it means. As they send it:
 * - Zigbee2MQTT: `{"occupancy":true,"battery":100,…}`, `{"presence":true,…}`, `{"action":"single",…}`, and on the topic
 *   `…/action` just `single`; older releases follow each action by `"action":""`
 *   (zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html, issues 2385, 3853, 7126). Availability:
 *   `{"state":"online"}`, before 2.0 `online` (guide/configuration/device-availability.html).
 * - ESPHome: `ON` and `OFF`, `online` and `offline` (mqtt_binary_sensor.cpp; esphome.io/components/mqtt).
 * - Tasmota: `ON`, `{"Switch1":{"Action":"ON"}}` at a change, `{"Time":…,"Switch1":"ON"}` every five minutes,
 *   `{"Button1":{"Action":"SINGLE"}}`, `Online` and `Offline` (tasmota.github.io/docs/Buttons-and-Switches, /MQTT).
 */

/** Bytes; the longest message on record has less than one KiB. */
export const LONGEST_PAYLOAD = 16 * 1024;

/** Why a message was not understood. */
export type Dropped = 'tooLong' | 'notJson' | 'unknown';

/** What a message says; or nothing on the matter (a battery level), or nothing that can be understood. */
export type Reading<T> = { is: 'value'; value: T } | { is: 'nothing' } | { is: 'dropped'; why: Dropped };

const NOTHING = { is: 'nothing' } as const;
const UNKNOWN = { is: 'dropped', why: 'unknown' } as const;

const LEVELS = new Map([
  ['on', true],
  ['true', true],
  ['1', true],
  ['off', false],
  ['false', false],
  ['0', false],
]);

/**
 * Whether somebody is there. `field`: names with dots between them, where it stands in JSON. Unset: `presence`, which
 * radars have that see who sits still, before `occupancy`, then Tasmota's first switch.
 */
export function presenceOf(payload: Uint8Array, field?: string): Reading<boolean> {
  return reading(payload, field, ['presence', 'occupancy', 'Switch1'], (value) => {
    const level = LEVELS.get(String(actionIn(value) ?? value).toLowerCase());
    return level === undefined ? UNKNOWN : { is: 'value', value: level };
  });
}

/** What was done with a button, such as `single`. `field` as above. */
export function actionOf(payload: Uint8Array, field?: string): Reading<string> {
  return reading(payload, field, ['action', 'Button1.Action', 'Switch1.Action'], (value) => {
    const action = actionIn(value) ?? value;
    if (action === '') return NOTHING;
    return typeof action === 'string' ? { is: 'value', value: action } : UNKNOWN;
  });
}

/** Whether the gateway hears the device, or the broker the gateway. */
export function availabilityOf(payload: Uint8Array): Reading<boolean> {
  return reading(payload, undefined, ['state'], (value) => {
    const word = String(value).toLowerCase();
    return word === 'online' || word === 'offline' ? { is: 'value', value: word === 'online' } : UNKNOWN;
  });
}

function reading<T>(
  payload: Uint8Array,
  field: string | undefined,
  usual: readonly string[],
  understand: (value: unknown) => Reading<T>,
): Reading<T> {
  if (payload.length > LONGEST_PAYLOAD) return { is: 'dropped', why: 'tooLong' };
  const text = new TextDecoder().decode(payload).trim();
  // Empty: a retained message was removed from the broker.
  if (text === '') return NOTHING;
  if (!text.startsWith('{')) return field === undefined ? understand(text) : UNKNOWN;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { is: 'dropped', why: 'notJson' };
  }
  for (const path of field === undefined ? usual : [field]) {
    const value = at(json, path);
    // Zigbee2MQTT sends null for what it does not know yet.
    if (value !== undefined && value !== null) return understand(value);
  }
  return NOTHING;
}

function at(json: unknown, path: string): unknown {
  let value = json;
  for (const name of path.split('.')) value = own(value, name);
  return value;
}

function own(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** Tasmota's `{"Action":"ON"}`. */
function actionIn(value: unknown): unknown {
  return own(value, 'Action');
}

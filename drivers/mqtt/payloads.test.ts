import { describe, expect, test } from 'vitest';
import { actionOf, availabilityOf, LONGEST_PAYLOAD, presenceOf } from './payloads.ts';

/** Recorded messages; where from stands beside them. */

const bytes = (text: string) => new TextEncoder().encode(text);
const short = (reading: ReturnType<typeof presenceOf> | ReturnType<typeof actionOf>) =>
  reading.is === 'value' ? reading.value : reading.is === 'dropped' ? reading.why : 'nothing';
const presence = (text: string, field?: string) => short(presenceOf(bytes(text), field));
const action = (text: string, field?: string) => short(actionOf(bytes(text), field));
const available = (text: string) => short(availabilityOf(bytes(text)));

/** Zigbee2MQTT issue 2385: RTCGQ01LM, a PIR. */
const PIR =
  '{"occupancy":false,"linkquality":42,"last_seen":"2019-11-22T08:50:54+01:00","battery":100,"voltage":3045,"no_occupancy_since":240,"elapsed":59999}';
/** Andrik45719/ZY-M100 issue 1: ZY-M100-S_2, a radar. */
const RADAR =
  '{"detection_delay":0.1,"fading_time":30,"illuminance_lux":369,"last_seen":"2024-09-07T15:54:41.147Z","linkquality":98,"maximum_range":6,"minimum_range":0.3,"presence":true,"radar_sensitivity":2,"target_distance":null}';
/** Zigbee2MQTT issue 3853: IKEA E1744, followed by the same with an empty action. */
const PRESSED =
  '{"rate":195,"linkquality":117,"update_available":false,"brightness":255,"battery":60,"action":"toggle"}';

describe('presence', () => {
  test.each([
    ['Zigbee2MQTT, PIR', PIR, false],
    ['Zigbee2MQTT, documentation', '{"occupancy": true}', true],
    ['Zigbee2MQTT, radar', RADAR, true],
    ['Zigbee2MQTT, a radar with a PIR', '{"occupancy":false,"presence":true}', true],
    ['ESPHome', 'ON', true],
    ['ESPHome', 'OFF', false],
    ['Tasmota, SetOption114', '{"Switch1":{"Action":"ON"}}', true],
    ['Tasmota, telemetry', '{"Time":"2021-01-01T00:00:00","Switch1":"OFF"}', false],
    ['own scripts', '1', true],
    ['own scripts', ' false\r\n', false],
  ])('%s', (_, payload, present) => {
    expect(presence(payload)).toBe(present);
  });

  test.each([
    ['another sensor', '{"contact":true,"battery":100}'],
    ['a door', '{"contact":false}'],
    ['another switch', '{"Switch2":{"Action":"ON"}}'],
    ['not known yet', '{"occupancy":null,"linkquality":70}'],
    ['a retained message was removed', ''],
  ])('nothing on the matter: %s', (_, payload) => {
    expect(presence(payload)).toBe('nothing');
  });

  test.each([
    ['a number', '{"occupancy":7}', 'unknown'],
    ['another word', 'maybe', 'unknown'],
    ['an object', '{"occupancy":{"since":1}}', 'unknown'],
    ['a pulse', '{"Switch1":{"Action":"TOGGLE"}}', 'unknown'],
    ['a list', '[true]', 'unknown'],
    ['cut off', PIR.slice(0, -1), 'notJson'],
    ['not even text', '\u0000\u0001\ufffd', 'unknown'],
    ['deep', `{"a":${'['.repeat(8_000)}`, 'notJson'],
  ])('not understood: %s', (_, payload, why) => {
    expect(presence(payload)).toBe(why);
  });

  test('elsewhere by `field`, and only there', () => {
    expect(presence('{"Switch1":"OFF","Switch2":"ON"}', 'Switch2')).toBe(true);
    expect(presence('{"Switch2":{"Action":"OFF"}}', 'Switch2')).toBe(false);
    expect(presence('{"Switch2":{"Action":"ON"}}', 'Switch2.Action')).toBe(true);
    expect(presence('{"zone-1":{"seen":{"now":1}}}', 'zone-1.seen.now')).toBe(true);
    expect(presence('{"occupancy":true}', 'presence')).toBe('nothing');
    expect(presence('{"a":1}', 'constructor.name')).toBe('nothing');
    expect(presence('ON', 'presence')).toBe('unknown');
  });

  test('as long as may be, and one byte more', () => {
    const long = (length: number) => `{"occupancy":true,"x":"${'x'.repeat(length - 25)}"}`;
    expect(bytes(long(LONGEST_PAYLOAD))).toHaveLength(LONGEST_PAYLOAD);
    expect(presence(long(LONGEST_PAYLOAD))).toBe(true);
    expect(presence(long(LONGEST_PAYLOAD + 1))).toBe('tooLong');
  });
});

describe('actions', () => {
  test.each([
    ['Zigbee2MQTT, documentation', '{"action": "single"}', 'single'],
    ['Zigbee2MQTT, a remote', PRESSED, 'toggle'],
    ['Zigbee2MQTT, topic /action', 'toggle', 'toggle'],
    ['Tasmota, SetOption73', '{"Button1":{"Action":"SINGLE"}}', 'SINGLE'],
    ['Tasmota, SetOption114', '{"Switch1":{"Action":"ON"}}', 'ON'],
    ['ESPHome', 'ON', 'ON'],
  ])('%s', (_, payload, said) => {
    expect(action(payload)).toBe(said);
  });

  test.each([
    ['Zigbee2MQTT, after an action', PRESSED.replace('toggle', '')],
    ['Zigbee2MQTT, issue 7126', '{"action":"","linkquality":207}'],
    ['Zigbee2MQTT 2', '{"action":null,"battery":60}'],
    ['Zigbee2MQTT, topic /action', ''],
    // Every five minutes: the state of the switch, and no press.
    ['Tasmota, telemetry', '{"Time":"2021-01-01T00:00:00","Switch1":"ON"}'],
    ['another button', '{"Button2":{"Action":"SINGLE"}}'],
  ])('nothing on the matter: %s', (_, payload) => {
    expect(action(payload)).toBe('nothing');
  });

  test('not understood', () => {
    expect(action('{"action":5}')).toBe('unknown');
    expect(action('{"action":"single"')).toBe('notJson');
  });

  test('elsewhere by `field`', () => {
    expect(action('{"Button2":{"Action":"DOUBLE"}}', 'Button2')).toBe('DOUBLE');
    expect(action('{"Button2":{"Action":"DOUBLE"}}', 'Button2.Action')).toBe('DOUBLE');
    expect(action('{"Button1":{"Action":"SINGLE"}}', 'Button2.Action')).toBe('nothing');
  });
});

test.each([
  ['Zigbee2MQTT 2', '{"state":"online"}', true],
  ['Zigbee2MQTT 2', '{"state": "offline"}', false],
  ['Zigbee2MQTT 1, ESPHome', 'online', true],
  ['Zigbee2MQTT 1, ESPHome', 'offline', false],
  ['Tasmota', 'Online', true],
  ['Tasmota', 'Offline', false],
  ['removed', '', 'nothing'],
  ['something else', '{"state":"ON"}', 'unknown'],
])('availability: %s %s', (_, payload, expected) => {
  expect(available(payload)).toBe(expected);
});

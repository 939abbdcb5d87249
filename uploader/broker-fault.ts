import { CaError } from '../device/errors.ts';

const ONLY_311 = "The broker does not speak MQTT 5: set `mqtt.version` to '3.1.1'.";
const SAME_NAME = 'Another client seems to use the same client id: give every device a name of its own.';

/**
 * Reason codes of CONNACK and DISCONNECT (MQTT 5 table 2-6; below 128: MQTT 3.1.1 table 3.1) that waiting does not
 * mend, with the remedy where it is closer than the catalogue's.
 */
const REFUSALS: ReadonlyMap<unknown, string | null> = new Map([
  [1, ONLY_311],
  [132, ONLY_311],
  [142, SAME_NAME],
  ...[2, 4, 5, 133, 134, 135, 138, 140].map((code) => [code, null] as const),
]);

/** So many connections in a row that did not hold are no accident. */
const SUSPICIOUS = 3;

/**
 * Why there is no connection: CA_BROKER_REFUSED where somebody has to change something, else CA_BROKER_UNREACHABLE.
 * `code`: what the broker or the socket gave as its reason. `shortLived`: connections in a row that were lost right
 * after they were made, this one included; 0 when this one was never made.
 */
export function brokerFault(message: string, code: unknown, shortLived: number): CaError {
  const remedy = REFUSALS.get(code);
  if (remedy !== undefined) {
    return new CaError('CA_BROKER_REFUSED', message, remedy === null ? {} : { remedy });
  }
  if (shortLived < SUSPICIOUS) return new CaError('CA_BROKER_UNREACHABLE', message);
  // mosquitto 2.0 does not say 142 (session taken over): it closes the elder connection without a word.
  const often = `${message}, right after connecting, ${shortLived} times in a row`;
  return new CaError('CA_BROKER_REFUSED', often, { remedy: SAME_NAME });
}

import { CaError, type ErrorCode } from '../device/errors.ts';

/** How a connection ended, or why it was not made. */
export interface Loss {
  /** What the library said. */
  readonly reason: string;
  /** What the broker (a number) or the socket (a word) gave as its reason. */
  readonly code: unknown;
  /** What we spoke. */
  readonly version: '5' | '3.1.1';
  /** The broker had welcomed us. */
  readonly connected: boolean;
  /** Connections in a row that were lost right after they were made, this one included; 0 when it was never made. */
  readonly shortLived: number;
}

const OTHER_VERSION = {
  '5': "The broker does not speak MQTT 5: set `mqtt.version` to '3.1.1'.",
  '3.1.1': "The broker does not speak MQTT 3.1.1: set `mqtt.version` to '5'.",
};
const SAME_NAME = 'Another client seems to use the same client id: give every device a name of its own.';

/**
 * Reason codes of CONNACK and DISCONNECT (MQTT 5 table 2-6; below 128: MQTT 3.1.1 table 3.1) that waiting does not
 * mend, with the remedy where it is closer than the catalogue's.
 */
const REFUSALS: ReadonlyMap<unknown, Readonly<Record<Loss['version'], string>> | null> = new Map([
  [1, OTHER_VERSION],
  [132, OTHER_VERSION],
  [142, { '5': SAME_NAME, '3.1.1': SAME_NAME }],
  ...[2, 4, 5, 133, 134, 135, 138, 140].map((code) => [code, null] as const),
]);

type Rule = readonly [says: RegExp, code: ErrorCode, remedy: string];

/** Words of OpenSSL (verify errors, then alerts of RFC 8446, 6) and of the socket. The first that fits counts. */
const ALWAYS: readonly Rule[] = [
  [
    /ALTNAME_INVALID/,
    'CA_BROKER_UNTRUSTED',
    "Write a name in `mqtt.url` that stands in the broker's certificate, or have a certificate made for this one.",
  ],
  [
    /CERT_HAS_EXPIRED/,
    'CA_BROKER_UNTRUSTED',
    'Give the broker a new certificate; if its own is still valid, see whether the clock of this device is right (`timedatectl`).',
  ],
  [
    /CERT_NOT_YET_VALID/,
    'CA_BROKER_UNTRUSTED',
    "See whether the clock of this device is right (`timedatectl`); if it is, the broker's certificate was given too early.",
  ],
  [
    /SELF_SIGNED|UNABLE_TO_|CERT_SIGNATURE|CERT_UNTRUSTED|CERT_REJECTED|INVALID_CA|INVALID_PURPOSE/,
    'CA_BROKER_UNTRUSTED',
    "Name in `mqtt.tls.ca` the file of the authority that signed the broker's certificate.",
  ],
  [
    /alert (certificate required|handshake failure)/i,
    'CA_BROKER_REFUSED',
    'The broker wants a certificate of this device: set `mqtt.tls.certificate` and `mqtt.tls.key`.',
  ],
  [
    /alert (unknown ca|(bad|unsupported) certificate|certificate|access denied|decrypt)/i,
    'CA_BROKER_REFUSED',
    "The broker does not take this device's certificate: have a new one signed by an authority that the broker trusts.",
  ],
  [
    /wrong version number|http request|packet length/i,
    'CA_BROKER_UNREACHABLE',
    'What listens there speaks no TLS: check the port of `mqtt.url` (8883 as a rule), or write mqtt://.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'CA_BROKER_UNREACHABLE',
    'The name of the broker is not known: check it in `mqtt.url`, and the name server of the network; messages wait in the outbox.',
  ],
  [
    /ECONNREFUSED/,
    'CA_BROKER_UNREACHABLE',
    'Nothing listens there: check the port, and that the broker runs; messages wait in the outbox.',
  ],
];

/** What the end of a connection says before there was a CONNACK. */
const CONNECTING: readonly Rule[] = [
  [
    /connack timeout/,
    'CA_BROKER_UNREACHABLE',
    'What listens there does not answer: check the port of `mqtt.url`, whether it is one for TLS (mqtts://), and what stands between.',
  ],
  [
    /ECONNRESET|EPIPE|EPROTO|connection closed/,
    'CA_BROKER_UNREACHABLE',
    'It hangs up without a word: check whether the port is one for TLS (mqtts:// or mqtt://), whether it wants a certificate of this device, and `mqtt.version`.',
  ],
];
/** What mqtt.js cannot read has no code: only while connecting does it tell of a wrong door. */
const NO_MQTT = 'What answers there does not speak MQTT: check host and port of `mqtt.url`.';

/** So many connections in a row that did not hold are no accident. */
const SUSPICIOUS = 3;

/**
 * Why there is no connection to `broker`: CA_BROKER_REFUSED or CA_BROKER_UNTRUSTED where somebody has to change
 * something, else CA_BROKER_UNREACHABLE.
 */
export function brokerFault(broker: string, { reason, code, version, connected, shortLived }: Loss): CaError {
  const message = `${broker}: ${plain(reason)}`;
  const refusal = REFUSALS.get(code);
  if (refusal !== undefined) {
    return new CaError('CA_BROKER_REFUSED', message, refusal === null ? {} : { remedy: refusal[version] });
  }
  if (shortLived >= SUSPICIOUS) {
    // mosquitto 2.0 does not say 142 (session taken over): it closes the elder connection without a word.
    const often = `${message}, right after connecting, ${shortLived} times in a row`;
    return new CaError('CA_BROKER_REFUSED', often, { remedy: SAME_NAME });
  }
  const said = `${String(code)} ${reason}`;
  const rule = [...ALWAYS, ...(connected ? [] : CONNECTING)].find(([says]) => says.test(said));
  if (rule) return new CaError(rule[1], message, { remedy: rule[2] });
  const unread = !connected && code === undefined;
  return new CaError('CA_BROKER_UNREACHABLE', message, unread ? { remedy: NO_MQTT } : {});
}

/** `write EPROTO 405D…:error:0A000418:SSL routines:f:tlsv1 alert unknown ca:file.c:918:` → `tlsv1 alert unknown ca`. */
function plain(reason: string): string {
  return /:SSL routines:[^:]*:([^:]+)/.exec(reason)?.[1] ?? reason;
}

import { CaError } from '../../device/errors.ts';

/** Return codes of CONNACK that waiting does not mend: bad client id, bad user or password, not authorised (MQTT 3.1.1 table 3.1). */
const REFUSALS: readonly unknown[] = [2, 4, 5];

/** Why there is no connection. `code`: the return code of the broker or the socket's; null when there is none. */
export function notConnected(url: string, reason: string, code: unknown): CaError {
  const message = `${url}: ${reason}`;
  return REFUSALS.includes(code)
    ? new CaError('CA_BROKER_REFUSED', message, {
        remedy:
          'Check `broker.user` and `broker.password` of the input, and that the broker knows them; it is tried again by itself.',
      })
    : new CaError('CA_BROKER_UNREACHABLE', message, {
        remedy:
          "Check the address in the input's `broker.url`, the network, and that the broker runs; it is tried again by itself.",
      });
}

/** The broker refused to send these topics. */
export function notSubscribed(url: string, topics: readonly string[]): CaError {
  return new CaError('CA_BROKER_REFUSED', `${url}: may not read ${topics.join(' and ')}`, {
    remedy:
      "Let the input's `broker.user` read the topic in the access list of the broker; it is tried again by itself.",
  });
}

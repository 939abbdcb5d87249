import type { MqttClient } from 'mqtt';
import { backOff } from '../device/back-off.ts';
import type { Clock, Timer } from '../device/clock.ts';
import { CaError, messageOf } from '../device/errors.ts';
import type { Logger } from '../device/log.ts';

/** The longest pause (ms) before what was refused is asked for again. */
const LONGEST_WAIT = 30_000;

/**
 * What this device wants to hear. The broker forgets it with the connection (clean start), so it is asked for at each
 * one; a filter that is refused is told of by its name and asked for again: the access list may have been mended,
 * which nobody tells us.
 */
export class Subscriptions {
  readonly #filters: readonly string[];
  readonly #clock: Clock;
  readonly #log: Logger;
  #client: MqttClient | null = null;
  #retry: Timer | null = null;
  #failures = 0;
  #fault: CaError | null = null;

  constructor(filters: readonly string[], clock: Clock, log: Logger) {
    this.#filters = filters;
    this.#clock = clock;
    this.#log = log;
  }

  /** CA_SUBSCRIBE_REFUSED with the filters; null: the broker lets us hear everything, or has not answered yet. */
  get fault(): CaError | null {
    return this.#fault;
  }

  /** `client` is connected. */
  begin(client: MqttClient): void {
    this.#client = client;
    this.#failures = 0;
    this.#ask(client, this.#filters);
  }

  /** The connection is gone. */
  end(): void {
    this.#client = null;
    this.#retry?.cancel();
    this.#retry = null;
    this.#fault = null;
  }

  #ask(client: MqttClient, filters: readonly string[]): void {
    if (filters.length === 0) return;
    // mqtt.js wants an answer to all filters of a packet at once and does not say which were refused: one packet each.
    void Promise.all(filters.map((filter) => refusalOf(client, filter))).then((answers) => {
      if (client !== this.#client) return;
      const refused = answers.filter((answer) => answer !== null);
      if (refused.length === 0) {
        this.#fault = null;
        return;
      }
      const first = this.#fault === null;
      const says = refused.map(({ filter, reason }) => `${filter}: ${reason}`).join(', ');
      this.#fault = new CaError('CA_SUBSCRIBE_REFUSED', says);
      this.#log[first ? 'warn' : 'debug'](
        { err: this.#fault },
        'the broker does not let this device hear all',
      );
      this.#failures += 1;
      const delay = backOff(this.#failures, LONGEST_WAIT);
      this.#retry = this.#clock.after('subscribe again', delay, () =>
        this.#ask(
          client,
          refused.map(({ filter }) => filter),
        ),
      );
    });
  }
}

/** Resolves with null when the broker grants the filter; never when the connection is lost before it answers. */
function refusalOf(client: MqttClient, filter: string): Promise<{ filter: string; reason: string } | null> {
  return new Promise((resolve) => {
    client.subscribe(filter, { qos: 1 }, (error, granted) => {
      if (error) return resolve({ filter, reason: messageOf(error) });
      const refused = granted?.some(({ qos }) => qos >= 128);
      resolve(refused ? { filter, reason: 'Not authorized' } : null);
    });
  });
}

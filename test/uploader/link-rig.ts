import { pino } from 'pino';
import { type Clock, systemClock } from '../../device/clock.ts';
import { type Incoming, Link, type MqttOptions } from '../../uploader/link.ts';

/** A link of the device `clinic` by itself, not started, with what it heard and logged. */
export interface LinkRig {
  readonly link: Link;
  readonly heard: Incoming[];
  readonly logged: string[];
  /** Connections so far. */
  ups(): number;
  /** Answers that made room so far. */
  rooms(): number;
  /** Milliseconds that each failure was told to wait. */
  waits(): number[];
}

/** `keepalive` in seconds. */
export function linkFor(
  mqtt: Omit<MqttOptions, 'version'> & { version?: MqttOptions['version'] },
  options: { device?: string; subscriptions?: readonly string[]; keepalive?: number; clock?: Clock } = {},
): LinkRig {
  const { device = 'clinic', subscriptions = [], keepalive, clock = systemClock } = options;
  const logged: string[] = [];
  const heard: Incoming[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  let ups = 0;
  let rooms = 0;
  const link = new Link(
    {
      sender: { device, store: '0123456789abcdef' },
      mqtt: { version: '5', ...mqtt },
      session: 1,
      newest: () => 0,
      subscriptions,
      onMessage: (message) => heard.push(message),
      onRoom: () => {
        rooms += 1;
      },
      clock,
      log,
      ...(keepalive === undefined ? {} : { keepalive }),
    },
    () => {
      ups += 1;
    },
    () => {},
  );
  return {
    link,
    heard,
    logged,
    ups: () => ups,
    rooms: () => rooms,
    waits: () =>
      logged.flatMap((line) => {
        const { retryMs } = JSON.parse(line) as { retryMs?: number };
        return retryMs === undefined ? [] : [retryMs];
      }),
  };
}

import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { startHub } from './hub.ts';

/**
 * The hub as a program; its README says what it takes from the environment. In the environment rather than among the
 * arguments, which every user of the machine can read.
 */
const { HUB_MQTT, HUB_DATABASE, HUB_PREFIX, HUB_NAME = 'hub' } = process.env;
if (HUB_MQTT === undefined || HUB_DATABASE === undefined) {
  console.error(
    'HUB_MQTT (mqtt://user:password@host) and HUB_DATABASE (postgres://user:password@host/database) have to be set',
  );
  process.exit(64);
}
const hub = await startHub({
  mqtt: { url: HUB_MQTT, prefix: HUB_PREFIX },
  database: HUB_DATABASE,
  name: HUB_NAME,
  clock: systemClock,
  log: createLog('info'),
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void hub.stop());

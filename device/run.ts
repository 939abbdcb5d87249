import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { Clock } from './clock.ts';
import { today } from './days.ts';
import { messageOf } from './errors.ts';
import { createLog } from './log.ts';
import { startDevice } from './main.ts';

/** A service that was started, with the config that it is to be started anew with. */
interface Running {
  readonly config: Config;
  readonly due: Promise<Config>;
  stop(): Promise<void>;
}

/** Runs the service until SIGINT or SIGTERM; after a `reload` with the config as it is then, in the same process. @throws CaError */
export async function run(options: {
  /** Path of the config. */
  config: string;
  clock: Clock;
  print: (line: string) => void;
}): Promise<void> {
  const { config: file, clock, print } = options;
  const read = () => readConfig(file, clock);
  const first = read();
  const ending = new AbortController();
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    // Asked again while it stops: the open contact and its clip are being saved, which takes a few seconds at most.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        ending.abort();
        resolve(signal);
      });
  });

  /** null: it was asked to end meanwhile. `failed`: why another config does not run. */
  async function start(config: Config, failed: string | null): Promise<Running | null> {
    const { promise, resolve } = Promise.withResolvers<Config>();
    const log = createLog(config.log.level);
    const reload = { file, read, onDue: resolve, failed };
    try {
      const { stop } = await startDevice({ config, clock, log, print, signal: ending.signal, reload });
      return { config, due: promise, stop };
    } catch (error) {
      if (ending.signal.aborted) return null;
      throw error;
    }
  }

  /** A config that is right may still not run: then a desk that counts with the old one is better than none. */
  async function startAnew(next: Config, before: Config): Promise<Running | null> {
    try {
      return await start(next, null);
    } catch (error) {
      createLog(before.log.level).error({ err: error }, 'the new config cannot be run: the old one is');
      return await start(before, messageOf(error));
    }
  }

  let running = await start(first, null);
  if (!running) return print('stopped before it had started');
  print(`contact-analyzer is running; Ctrl-C ends it`);
  for (;;) {
    const next: NodeJS.Signals | Config = await Promise.race([asked, running.due]);
    if (typeof next === 'string') {
      print(`${next}: closing open contacts …`);
      await running.stop();
      return print('stopped');
    }
    print('reload: stopping …');
    await running.stop();
    const before: Config = running.config;
    running = ending.signal.aborted ? null : await startAnew(next, before);
    if (!running) return print('stopped');
    const old = running.config === before ? ' with the old config: the new one cannot be run' : '';
    print(`contact-analyzer is running${old}`);
  }
}

/** @throws CaError CA_CONFIG_INVALID, CA_CONFIG_UNREADABLE */
function readConfig(file: string, clock: Clock): Config {
  const { config } = loadConfig(file, { today: null });
  // A stale clock must not keep a device from counting: the day of the notice is judged by one that is right.
  if (config.clock.trusted) loadConfig(file, { today: today(clock) });
  return config;
}

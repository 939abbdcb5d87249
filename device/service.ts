import type { Logger } from './log.ts';

/** How a part of the service is doing. `reason` is a sentence a technician can act on. */
export interface Health {
  status: 'ok' | 'degraded' | 'failed';
  reason?: string;
  /** Figures worth showing: counts, versions, depths. Never anything personal. */
  detail?: Record<string, string | number | boolean | null>;
}

/** One row of the table in `main.ts`. */
export interface Service {
  readonly name: string;
  /** Resolves when the service does its work. What it waits for outside (a broker, a sensor) may come later: that is health, not an error. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends everything `start` began. Called also after a failed `start`; may be called twice. */
  stop(): Promise<void>;
  health(): Health;
}

/**
 * Starts services in the order of the table. When one fails, those already started are stopped in reverse and
 * its error is thrown.
 */
export async function startAll(
  services: readonly Service[],
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const started: Service[] = [];
  for (const service of services) {
    started.push(service);
    try {
      signal.throwIfAborted();
      await service.start(signal);
      log.info({ service: service.name }, 'started');
    } catch (error) {
      await stopAll(started, log);
      throw error;
    }
  }
}

/** Stops services in reverse order. A failing `stop` is logged and does not keep the others from stopping. */
export async function stopAll(services: readonly Service[], log: Logger): Promise<void> {
  for (const service of [...services].reverse()) {
    try {
      await service.stop();
      log.info({ service: service.name }, 'stopped');
    } catch (error) {
      log.error({ service: service.name, err: error }, 'did not stop cleanly');
    }
  }
}

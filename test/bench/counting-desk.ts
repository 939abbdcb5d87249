import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningService, startService } from '../end-to-end/service.ts';

/** The whole service as a process, counting only: no camera, no microphone. */
export interface CountingDesk {
  readonly service: RunningService;
  /** Its data folder; a floor beside it writes to the same disk. */
  readonly data: string;
  readonly folder: string;
  stop(): Promise<void>;
}

/** Starts a service for the device `bench` with one desk, publishing to `broker` (URL). `settings` and `input` are YAML. */
export async function startCountingDesk(options: {
  broker: string;
  settings: string;
  input: string;
  env?: Record<string, string>;
}): Promise<CountingDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'ca-bench-'));
  const data = join(folder, 'data');
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `
device: bench
data: ${data}
recording: { capture: counts }
mqtt: { broker: external, url: '${options.broker}' }
page: { port: 0 }
clock: { trusted: true }
log: { level: warn }
${options.settings}
desks:
  front:
    buttons:
      happy: { rating: 5, tag: positive }
      unhappy: { rating: 1, tag: negative }
    inputs: [${options.input}]
`,
  );
  const service = await startService(config, options.env).catch((error) => {
    rmSync(folder, { recursive: true });
    throw error;
  });
  return {
    service,
    data,
    folder,
    async stop() {
      await service.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

import { once } from 'node:events';
import { join } from 'node:path';
import { openGpioMachine } from '../stand-ins/gpio-sysfs.ts';
import { type Benchmark, quantile, type Result } from './result.ts';

const SAMPLES = 600;

/** What the driver of a GPIO line adds to `onoff`. */
export const gpioLatency: Benchmark = {
  names: ['gpio.latency'],
  about:
    'A level of a GPIO line (played by a file system): its change → the driver says so, without a debounce; the median.\nFloor: a bare `onoff` on another line, in the same process, by turns.',
  async run(): Promise<Result[]> {
    const pi = await openGpioMachine();
    try {
      const child = pi.node(join(import.meta.dirname, 'gpio-latency-run.ts'), `${SAMPLES}`);
      let text = '';
      child.stdout?.on('data', (chunk) => {
        text += chunk;
      });
      await once(child, 'close');
      const { driver, bare } = JSON.parse(text);
      const [value, floor] = [quantile(driver, 0.5), quantile(bare, 0.5)];
      return [{ name: 'gpio.latency', value, unit: 'ms', floor, better: 'lower' }];
    } finally {
      await pi.stop();
    }
  },
};

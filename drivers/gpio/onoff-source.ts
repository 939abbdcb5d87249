import { Gpio } from 'onoff';
import type { Clock } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { messageOf } from '../../device/errors.ts';
import type { LineSource } from './debounced-input.ts';
import { type LineAddress, lineFailed, nameOf } from './line.ts';
import { exportLine, unexportLine } from './sysfs.ts';

/** How often an open line is read although it says nothing: one that has vanished need not tell. Milliseconds. */
const LOOK = 1_000;

/** A line that is read through /sys/class/gpio: `onoff`, and its epoll for the interrupts. */
export class OnoffSource implements LineSource {
  readonly address: LineAddress;
  readonly #clock: Clock;

  constructor(address: LineAddress, clock: Clock) {
    this.address = address;
    this.#clock = clock;
  }

  async listen(edge: (high: boolean, at: Instant) => void, signal: AbortSignal): Promise<void> {
    const number = await exportLine(this.address, this.#clock, signal);
    let gpio: WatchedGpio;
    try {
      gpio = new WatchedGpio(number, this.address.activeLow);
    } catch (error) {
      unexportLine(number);
      throw lineFailed(this.address, error);
    }
    try {
      this.#check(gpio);
      await this.#watch(gpio, edge, signal);
    } finally {
      gpio.unexport();
    }
  }

  #watch(gpio: WatchedGpio, edge: (high: boolean, at: Instant) => void, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return resolve();
      let last: 0 | 1 = 0;
      const end = (error?: unknown) => {
        look.cancel();
        signal.removeEventListener('abort', onAbort);
        gpio.unwatchAll();
        if (error === undefined) resolve();
        else reject(lineFailed(this.address, error));
      };
      const onAbort = () => end();
      const hear = (value: 0 | 1) => {
        last = value;
        edge(value === 1, this.#clock.now());
      };
      // Reading takes away the interrupt that waits, so what was read is heard, too.
      const look = this.#clock.every(`look at ${nameOf(this.address)}`, LOOK, () => {
        const value = gpio.readSync();
        if (gpio.fault === null && value !== last) hear(value);
      });
      signal.addEventListener('abort', onAbort);
      gpio.onFault = end;
      gpio.watch((error, value) => (error ? end(error) : hear(value)));
      // A line that is high already interrupts nobody.
      const first = gpio.readSync();
      if (gpio.fault === null) hear(first);
    });
  }

  /** onoff says nothing when a line that was exported before refuses what it is told. */
  #check(gpio: Gpio): void {
    const { line, activeLow } = this.address;
    const refuse = (what: string, remedy: string) => {
      throw lineFailed(this.address, new Error(what), { remedy });
    };
    const direction = gpio.direction();
    if (direction !== 'in')
      refuse(
        `direction is ${direction}, and stays so`,
        `Another driver has the line. Wire another, or make it an input in /boot/firmware/config.txt: \`gpio=${line}=ip\` (\`ip,pu\` with pull-up).`,
      );
    const edges = edgeOf(gpio);
    if (edges !== 'both')
      refuse(
        `it cannot interrupt: edge is ${edges}`,
        'Wire another line, or set `backend: gpiod`: this one has no interrupt in /sys/class/gpio.',
      );
    if (gpio.activeLow() !== activeLow)
      refuse(
        `active_low is ${Number(!activeLow)}, and stays so`,
        'Another driver has the line: wire another.',
      );
  }
}

/** A line without interrupts has no such file. */
function edgeOf(gpio: Gpio): string {
  try {
    return gpio.edge();
  } catch (error) {
    return messageOf(error);
  }
}

/** onoff reads an interrupted line where nobody can catch what that throws: a chip that vanishes would end the service. */
class WatchedGpio extends Gpio {
  onFault: ((error: unknown) => void) | null = null;
  /** What the last reading threw. */
  fault: unknown = null;

  constructor(number: number, activeLow: boolean) {
    super(number, 'in', 'both', { activeLow });
  }

  override readSync(): 0 | 1 {
    try {
      return super.readSync();
    } catch (error) {
      // Also called by the constructor, to which it may throw.
      if (!this.onFault) throw error;
      this.fault = error;
      this.onFault(error);
      return 0;
    }
  }
}

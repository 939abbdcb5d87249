import type { Clock, Timer } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { DriverHealth, InputDriver, InputEvent } from './types.ts';

/** `wait`: milliseconds since the step before. A step may change presence, press a button, both (in this order), or only wait. */
export interface Step {
  wait: number;
  present?: boolean | undefined;
  press?: string | undefined;
}

/** A sensor and buttons that play a script: the demo's patients. */
export class ScriptedInput implements InputDriver {
  readonly name = 'scripted';
  readonly #steps: readonly Step[];
  readonly #repeat: boolean;
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #played = 0;

  constructor(steps: readonly Step[], repeat: boolean, clock: Clock) {
    // Zero time around the loop would be an endless loop.
    if (repeat && !steps.some((step) => step.wait > 0)) {
      throw new CaError('CA_CONFIG_INVALID', 'The scripted input repeats steps that take no time', {
        remedy: 'Give a step a `wait`, or set `repeat: false`.',
      });
    }
    this.#steps = steps;
    this.#repeat = repeat;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#next(0, emit);
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
  }

  health(): DriverHealth {
    return { status: 'ok', detail: { steps: this.#played } };
  }

  #next(index: number, emit: (event: InputEvent) => void): void {
    const step = this.#steps[index];
    if (!step) {
      if (this.#repeat) this.#next(0, emit);
      return;
    }
    this.#timer = this.#clock.after(`step ${index} of the script`, step.wait, () => {
      // First, so that a listener that stops us stops us.
      this.#next(index + 1, emit);
      this.#played++;
      const at = this.#clock.now();
      if (step.present !== undefined) emit({ kind: 'presence', present: step.present, at });
      if (step.press !== undefined) emit({ kind: 'press', button: step.press, at });
    });
  }
}

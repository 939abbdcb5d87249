import type { Clock } from '../../device/clock.ts';
import type { DigitalInput, DriverHealth, InputDriver, InputEvent } from '../types.ts';

/** A presence sensor with a wire that is active while somebody is there, such as a PIR or the OUT pin of a radar. */
export class GpioPresence implements InputDriver {
  readonly name: string;
  readonly #line: DigitalInput;
  readonly #clock: Clock;

  constructor(line: DigitalInput, clock: Clock) {
    this.name = `gpio-presence ${line.name}`;
    this.#line = line;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#line.start({
      level: (present, at) => emit({ kind: 'presence', present, at }),
      lost: () => emit({ kind: 'lost', at: this.#clock.now() }),
    });
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }

  health(): DriverHealth {
    return this.#line.health();
  }
}

/** A loyalty button: pressed when its line becomes active. One that is held down already when it is found says nothing. */
export class GpioButton implements InputDriver {
  readonly name: string;
  readonly #line: DigitalInput;
  readonly #button: string;
  readonly #clock: Clock;

  constructor(line: DigitalInput, button: string, clock: Clock) {
    this.name = `gpio-button ${line.name}`;
    this.#line = line;
    this.#button = button;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    let found = false;
    this.#line.start({
      level: (down, at) => {
        if (down && found) emit({ kind: 'press', button: this.#button, at });
        found = true;
      },
      lost: () => {
        found = false;
        emit({ kind: 'lost', at: this.#clock.now() });
      },
    });
  }

  stop(): Promise<void> {
    return this.#line.stop();
  }

  health(): DriverHealth {
    return this.#line.health();
  }
}

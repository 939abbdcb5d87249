import type { Clock, Timer } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import type { Line } from './line-protocol.ts';
import type { SerialLink, SerialListener } from './serial-link.ts';

/** Without a valid line for this long the device is lost: three times what it may take between two. Milliseconds. */
const SILENCE = 15_000;

/** A sensor, buttons or both on a serial port, speaking the line protocol. */
export class SerialInput implements InputDriver {
  readonly name: string;
  readonly #link: SerialLink;
  readonly #clock: Clock;
  readonly #listener: SerialListener = {
    opened: () => this.#listen(),
    heard: (line, at) => {
      this.#lost = null;
      this.#listen();
      const event = this.#news(line);
      if (event) this.#emit({ ...event, at });
    },
    closed: (why) => {
      this.#silence?.cancel();
      this.#lose(why);
    },
  };
  #emit: (event: InputEvent) => void = () => {};
  #silence: Timer | null = null;
  /** Why the device cannot be heard; null while it can, or may yet. */
  #lost: CaError | null = null;
  /** The presence last emitted; null when the next one is news whatever it says. */
  #present: boolean | null = null;

  constructor(link: SerialLink, clock: Clock) {
    this.name = `line-protocol ${link.path}`;
    this.#link = link;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#link.attach(this.#listener);
  }

  async stop(): Promise<void> {
    const closed = this.#link.detach(this.#listener);
    this.#silence?.cancel();
    await closed;
  }

  health(): DriverHealth {
    const detail = this.#link.counts();
    return this.#lost ? degraded(this.#lost, { ...detail }) : { status: 'ok', detail: { ...detail } };
  }

  #listen(): void {
    const { path, baud } = this.#link;
    this.#silence?.cancel();
    this.#silence = this.#clock.after(`silence of ${path}`, SILENCE, () =>
      this.#lose(
        new CaError('CA_INPUT_SILENT', `${path}: no valid line for ${SILENCE / 1_000} s at ${baud} baud`),
      ),
    );
  }

  /** What of a line is new: repeats of the level, and what a lamp says, are the device's sign of life. */
  #news(line: Line): { kind: 'presence'; present: boolean } | { kind: 'press'; button: string } | null {
    if (line.kind === 'press') return line;
    if (line.kind !== 'presence' || line.present === this.#present) return null;
    this.#present = line.present;
    return line;
  }

  #lose(why: CaError): void {
    const already = this.#lost !== null;
    this.#lost = why;
    this.#present = null;
    if (!already) this.#emit({ kind: 'lost', at: this.#clock.now() });
  }
}

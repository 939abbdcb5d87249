import type { Clock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import { ageOf, type Told } from './age.ts';
import { type Face, facesOf, type RatingButton } from './faces.ts';

/** A press older than this (ms) is not told: somebody else may stand there by now, and would get the rating. */
const YOUNG = 10_000;
/** Presses of one desk are at least this far apart, in ms; the page takes one in three seconds. */
const APART = 500;
/** Ids remembered, so that a press that is sent again is not counted again. A page keeps 200 at most. */
const IDS = 1_000;
/** A page that has not been heard for this long (ms) is not there; it asks every 10 s. */
const SILENCE = 60_000;

/** `id` is the page's own, of one press however often it is sent. */
export interface TabletPress extends Told {
  id: string;
  button: string;
}

/** `closed`: nobody listens to the driver (yet); like `too-fast`, the page shall try again. */
export type Outcome = 'counted' | 'repeated' | 'late' | 'too-fast' | 'unknown-button' | 'closed';

/** The buttons of one desk, on the page of a tablet. Tells presses only: a tablet knows nothing of presence. */
export class TabletInput implements InputDriver {
  readonly name = 'tablet';
  readonly desk: string;
  readonly code: string;
  /** The best first. */
  readonly faces: readonly Face[];
  readonly #clock: Clock;
  readonly #fault: () => CaError | null;
  readonly #address: () => string;
  readonly #ids = new Set<string>();
  #emit: ((event: InputEvent) => void) | null = null;
  /** Monotonic times; the start counts as seen, for a page needs a moment to come back. */
  #seenAt: number;
  #pressedAt = Number.NEGATIVE_INFINITY;
  #presses = 0;
  #late = 0;

  /** `fault`: why no page can be served at all; `address`: of the server, without desk and code. */
  constructor(options: {
    desk: string;
    code: string;
    buttons: readonly RatingButton[];
    clock: Clock;
    fault: () => CaError | null;
    address: () => string;
  }) {
    this.desk = options.desk;
    this.code = options.code;
    this.faces = facesOf(options.buttons);
    this.#clock = options.clock;
    this.#fault = options.fault;
    this.#address = options.address;
    this.#seenAt = this.#clock.now().mono;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.seen();
  }

  async stop(): Promise<void> {
    this.#emit = null;
  }

  /** A page of this desk gave a sign of life. */
  seen(): void {
    this.#seenAt = this.#clock.now().mono;
  }

  press(press: TabletPress): Outcome {
    const now = this.#clock.now();
    this.seen();
    if (!this.#emit) return 'closed';
    if (this.#ids.has(press.id)) return 'repeated';
    if (!this.faces.some(({ name }) => name === press.button)) return 'unknown-button';
    const age = ageOf(press, now.mono);
    if (age > YOUNG) {
      this.#remember(press.id);
      this.#late++;
      return 'late';
    }
    if (now.mono - this.#pressedAt < APART) return 'too-fast';
    this.#remember(press.id);
    this.#pressedAt = now.mono;
    this.#presses++;
    this.#emit({
      kind: 'press',
      button: press.button,
      at: { mono: now.mono - age, wall: now.wall - age },
    });
    return 'counted';
  }

  /** `late`: presses that came too late to be told. */
  health(): DriverHealth {
    const silent = this.#clock.now().mono - this.#seenAt;
    const detail = { tabletPresses: this.#presses, late: this.#late };
    const fault = this.#fault() ?? (silent > SILENCE ? this.#unseen(silent) : null);
    return fault ? degraded(fault, detail) : { status: 'ok', detail };
  }

  #unseen(silent: number): CaError {
    return new CaError(
      'CA_INPUT_SILENT',
      `no tablet has shown the page of desk ${this.desk} for ${Math.round(silent / 1_000)} s`,
      {
        // The code is a secret: it stands in the config, not in a health message.
        remedy: `Open ${this.#address()}/${this.desk}/CODE on the tablet, with the code of the config, and keep its screen on.`,
      },
    );
  }

  #remember(id: string): void {
    this.#ids.add(id);
    const oldest = this.#ids.values().next();
    if (this.#ids.size > IDS && !oldest.done) this.#ids.delete(oldest.value);
  }
}

import type { Clock, Timer } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth, InputDriver, InputEvent } from '../types.ts';
import { FrameParser } from './frame-parser.ts';
import type { Answer } from './radar-commands.ts';
import { SensorSetUp } from './sensor-set-up.ts';
import type { SensorKind, SensorReading } from './sensors.ts';
import { SerialConnection, type SerialUser } from './serial-connection.ts';
import { Steady } from './steady.ts';

/** All of them report several times a second: without a reading for this long one is lost. Longer than a set-up. Milliseconds. */
const SILENCE = 5_000;
/**
 * Between two readings of the port, milliseconds: two reports of a radar, twenty frames of a TF-Luna. To be woken for each costs
 * half as much again for a radar, three times as much for a TF-Luna, and presence, which must last for seconds to count, is none the better.
 */
const REST = 200;

/** A presence sensor on a serial port of its own that sends frames all the time. */
export class SerialSensor implements InputDriver {
  readonly name: string;
  readonly #kind: SensorKind;
  readonly #clock: Clock;
  readonly #connection: SerialConnection;
  readonly #setUp: SensorSetUp;
  readonly #parser: FrameParser<SensorReading | Answer>;
  readonly #steady = new Steady();
  #emit: (event: InputEvent) => void = () => {};
  #silence: Timer | null = null;
  /** When the last reading came, or the port was opened. Monotonic milliseconds. */
  #heardAt = 0;
  /** Why it cannot be heard; null while it can, or may yet. */
  #lost: CaError | null = null;
  /** Readings that could not tell, in all and since the last that could. */
  #dazzled = 0;
  #dazzledNow = false;

  constructor(kind: SensorKind, path: string, baud: number, clock: Clock) {
    this.name = `${kind.name} ${path}`;
    this.#kind = kind;
    this.#clock = clock;
    this.#parser = new FrameParser(kind.framing);
    const user: SerialUser = {
      opened: () => {
        this.#parser.reset();
        this.#listen();
        this.#setUp.begin();
      },
      bytes: (chunk, at) => this.#hear(chunk, at),
      rest: () => (this.#setUp.talking ? 0 : REST),
      closed: (why) => {
        this.#silence?.cancel();
        this.#setUp.end();
        this.#lose(why);
      },
    };
    this.#connection = new SerialConnection(path, baud, clock, user);
    this.#setUp = new SensorSetUp(this.name, kind.setUp, (bytes) => this.#connection.send(bytes), clock);
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#setUp.end();
    this.#silence?.cancel();
    await this.#connection.stop();
  }

  health(): DriverHealth {
    const detail = { ...this.#parser.counts, ...(this.#dazzled > 0 && { dazzled: this.#dazzled }) };
    const wrong = this.#lost ?? this.#setUp.refused;
    return wrong ? degraded(wrong, detail) : { status: 'ok', detail };
  }

  #hear(chunk: Buffer, at: Instant): void {
    for (const frame of this.#parser.push(chunk)) {
      if (frame.kind === 'answer') this.#setUp.heard(frame);
      else if (frame.present === null) {
        this.#dazzled++;
        this.#dazzledNow = true;
      } else this.#judge(frame.present, at);
    }
  }

  #judge(present: boolean, at: Instant): void {
    this.#heardAt = at.mono;
    this.#dazzledNow = false;
    this.#connection.vouch();
    const change = this.#steady.push(present, at);
    if (!change) return;
    // It had no power, or is another one: it does not know any more how it was set up.
    if (this.#lost?.code === 'CA_INPUT_SILENT') this.#setUp.begin();
    this.#lost = null;
    this.#emit({ kind: 'presence', ...change });
  }

  /** Watches for silence with one timer every few seconds, for there may be a hundred readings a second. */
  #listen(): void {
    this.#silence?.cancel();
    this.#heardAt = this.#clock.now().mono;
    const watch = (wait: number) => {
      this.#silence = this.#clock.after(`silence of ${this.name}`, wait, () => {
        const left = this.#heardAt + SILENCE - this.#clock.now().mono;
        if (left <= 0) this.#lose(this.#silent());
        watch(left > 0 ? left : SILENCE);
      });
    };
    watch(SILENCE);
  }

  #silent(): CaError {
    const { path, baud } = this.#connection;
    const what = this.#dazzledNow
      ? `${path}: it is dazzled, no reading for ${SILENCE / 1_000} s`
      : `${path}: no valid reading for ${SILENCE / 1_000} s at ${baud} baud`;
    const { dazzled, silent } = this.#kind.remedies;
    const remedy = this.#dazzledNow ? dazzled : silent;
    return new CaError('CA_INPUT_SILENT', what, remedy === undefined ? {} : { remedy });
  }

  #lose(why: CaError): void {
    const already = this.#lost !== null;
    this.#lost = why;
    this.#steady.reset();
    // A radar that was left in the middle of a set-up reports nothing until that is ended.
    if (this.#connection.open) this.#setUp.begin();
    if (!already) this.#emit({ kind: 'lost', at: this.#clock.now() });
  }
}

import type { Clock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { InTurn } from '../in-turn.ts';
import type { Lamp } from '../types.ts';
import type { SerialLink, SerialListener } from './serial-link.ts';

/** The device has this long to answer, and the port to be opened before. Milliseconds. */
const PATIENCE = 1_000;

const REMEDY =
  "Check that the lamp's device has power, that its RX is wired as well, and that its program answers L1, L0 and L?.";

/** What was asked, until the answer comes. */
interface Question {
  readonly line: 'L1' | 'L0' | 'L?';
  answered(lit: boolean): void;
  fail(why: CaError): void;
}

/** A lamp at a device that speaks the line protocol, perhaps the one that has the sensor and the buttons. */
export class LineLamp implements Lamp {
  readonly name: string;
  readonly #link: SerialLink;
  readonly #clock: Clock;
  readonly #listener: SerialListener = {
    opened: () => this.#asked && this.#link.send(this.#asked.line),
    heard: (line) => line.kind === 'lamp' && this.#asked?.answered(line.lit),
    closed: (why) => {
      this.#closed = why;
    },
  };
  #asked: Question | null = null;
  /** One question at a time: an answer does not say which it answers. */
  readonly #turn = new InTurn();
  /** Why the port was last closed. */
  #closed: CaError | null = null;
  #ended = false;

  constructor(link: SerialLink, clock: Clock) {
    this.name = `lamp line-protocol ${link.path}`;
    this.#link = link;
    this.#clock = clock;
  }

  async set(lit: boolean): Promise<void> {
    await this.#ask(lit ? 'L1' : 'L0', lit);
  }

  read(): Promise<boolean> {
    return this.#ask('L?', null);
  }

  async close(): Promise<void> {
    this.#ended = true;
    this.#asked?.fail(this.#failed('was closed'));
    await this.#link.detach(this.#listener);
  }

  /** `wanted`: the answer to wait for; null takes any. */
  #ask(line: Question['line'], wanted: boolean | null): Promise<boolean> {
    return this.#turn.take(() => this.#exchange(line, wanted));
  }

  #exchange(line: Question['line'], wanted: boolean | null): Promise<boolean> {
    if (this.#ended) return Promise.reject(this.#failed('was closed'));
    this.#closed = null;
    this.#link.attach(this.#listener);
    return new Promise((resolve, reject) => {
      let heard: boolean | null = null;
      const timer = this.#clock.after(`answer of ${this.name}`, PATIENCE, () =>
        question.fail(this.#unanswered(line, heard)),
      );
      const end = () => {
        timer.cancel();
        this.#asked = null;
      };
      const question: Question = {
        line,
        answered: (lit) => {
          // Another answer may be a late one to the question before, or of a relay on its way.
          if (wanted !== null && lit !== wanted) {
            heard = lit;
            return;
          }
          end();
          resolve(lit);
        },
        fail: (why) => {
          end();
          reject(why);
        },
      };
      this.#asked = question;
      this.#link.send(line);
    });
  }

  #unanswered(line: string, heard: boolean | null): CaError {
    if (heard !== null) return this.#failed(`answers ${line} with L${Number(heard)}`);
    if (this.#closed) return this.#failed(`cannot be reached: ${this.#closed.message}`, this.#closed);
    return this.#failed(`no answer to ${line} within ${PATIENCE / 1_000} s`);
  }

  #failed(what: string, cause?: CaError): CaError {
    return new CaError('CA_LAMP_FAILED', `${this.name}: ${what}`, {
      cause,
      remedy: cause?.remedy ?? REMEDY,
    });
  }
}

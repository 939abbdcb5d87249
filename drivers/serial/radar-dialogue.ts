import type { Clock, Timer } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { type Answer, COMMAND, commandFrame } from './radar-commands.ts';

/** How long a radar may take to answer, and how often it is asked: one that is just reporting may miss a command. */
const PATIENCE = 400;
const TRIES = 3;
/** A restarted radar is deaf for this long. Milliseconds; ESPHome waits as long before it asks again. */
const RESTART = 1_500;

/** What `setUp` of a kind of sensor talks to, from one opening of its port to the next. */
export interface Radar {
  /** The value of the answer. @throws CaError CA_SENSOR_REFUSED when there is none, or it says no. */
  ask(command: number, value?: Buffer): Promise<Buffer>;
  /** Sends a command and waits for nothing. */
  tell(command: number): void;
  /** Does `work` while the radar takes commands and reports nothing; if that is 'restart', restarts it. */
  configure(work: () => Promise<'done' | 'restart'>): Promise<void>;
  /** True the first time only: what is kept without power wears out when it is written again and again. */
  first(what: string): boolean;
  /** The error that says what the radar does not do. */
  refused(what: string, remedy?: string): CaError;
}

/** A conversation, one question at a time. Ends with its signal: what is asked then is rejected. */
export class RadarDialogue implements Radar {
  readonly #name: string;
  readonly #send: (bytes: Buffer) => void;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #done = new Set<string>();
  #asked: { command: number; answered(answer: Answer | null): void } | null = null;

  constructor(name: string, send: (bytes: Buffer) => void, clock: Clock, signal: AbortSignal) {
    this.#name = name;
    this.#send = send;
    this.#clock = clock;
    this.#signal = signal;
  }

  heard(answer: Answer): void {
    if (answer.command === this.#asked?.command) this.#asked.answered(answer);
  }

  async ask(command: number, value?: Buffer): Promise<Buffer> {
    for (let n = 0; n < TRIES; n++) {
      const answer = await this.#askOnce(command, value);
      this.#signal.throwIfAborted();
      if (answer?.ok) return answer.value;
      if (answer) throw this.refused(`refuses command ${hex(command)}`);
    }
    throw this.refused(`no answer to command ${hex(command)}`);
  }

  tell(command: number): void {
    this.#send(commandFrame(command));
  }

  async configure(work: () => Promise<'done' | 'restart'>): Promise<void> {
    await this.ask(COMMAND.enable, Buffer.from([1, 0]));
    const then = await work().catch(async (error: unknown) => {
      // Without this it would report nothing any more.
      await this.ask(COMMAND.end).catch(() => {});
      throw error;
    });
    if (then === 'done') return void (await this.ask(COMMAND.end));
    await this.ask(COMMAND.restart);
    await this.#clock.sleep(`restart of ${this.#name}`, RESTART, this.#signal);
  }

  first(what: string): boolean {
    if (this.#done.has(what)) return false;
    this.#done.add(what);
    return true;
  }

  refused(what: string, remedy?: string): CaError {
    const options = remedy === undefined ? {} : { remedy };
    return new CaError('CA_SENSOR_REFUSED', `${this.#name}: ${what}`, options);
  }

  #askOnce(command: number, value?: Buffer): Promise<Answer | null> {
    return new Promise((resolve) => {
      const answered = (answer: Answer | null) => {
        timer.cancel();
        this.#signal.removeEventListener('abort', onAbort);
        this.#asked = null;
        resolve(answer);
      };
      const onAbort = () => answered(null);
      const timer: Timer = this.#clock.after(`answer of ${this.#name}`, PATIENCE, onAbort);
      this.#signal.addEventListener('abort', onAbort);
      this.#asked = { command, answered };
      if (this.#signal.aborted) onAbort();
      else this.#send(commandFrame(command, value));
    });
  }
}

function hex(command: number): string {
  return `0x${command.toString(16).padStart(2, '0').toUpperCase()}`;
}

/** What A5 says in place of an address while Bluetooth is off (ESPHome's `NO_MAC`; in no document of the vendor). */
const NO_MAC = Buffer.from('080504030201', 'hex');

/**
 * Turns Bluetooth off where it is on, as it is ex works, with a password that everybody knows ("HiLink"): whoever passes by
 * could set up the sensor anew. Within `configure`; 'restart' when it must be restarted for that.
 */
export async function bluetoothOff(radar: Radar): Promise<'done' | 'restart'> {
  // The first LD2410 has none, and does not know the question.
  const mac = await radar.ask(COMMAND.readMac, Buffer.from([1, 0])).catch(() => null);
  if (!mac || mac.length < NO_MAC.length || mac.subarray(0, NO_MAC.length).equals(NO_MAC)) return 'done';
  if (!radar.first('bluetooth'))
    throw radar.refused(
      'its Bluetooth stays on',
      'Turn it off, or change its password, with the app HLKRadarTool of the maker.',
    );
  await radar.ask(COMMAND.setBluetooth, Buffer.from([0, 0]));
  return 'restart';
}

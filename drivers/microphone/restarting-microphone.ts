import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { backOff } from '../../device/back-off.ts';
import type { Clock, Timer } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth, MicrophoneDriver } from '../types.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** A microphone in real time that is quiet for this long hangs. Milliseconds. */
const STALL = 3_000;
/** What is kept of a child's last words, in characters. */
const LAST_WORDS = 300;

/** A child that writes raw samples to `stdout` for as long as it lives. */
export type SampleSource = ChildProcess & { stdout: Readable; stderr: Readable };

/** What a microphone is made of. `latency` in milliseconds. */
interface MicrophoneParts {
  readonly name: string;
  readonly spawn: () => SampleSource;
  readonly clock: Clock;
  readonly latency: number;
  readonly channels?: 1 | 2;
  /** What to do about a loss, where the catalogue's advice does not fit. */
  readonly remedy?: string;
}

/**
 * A microphone made of a child process: what it writes is passed on in whole samples; when it ends, cannot be started
 * or falls silent, it is started again, with back-off.
 */
export class RestartingMicrophone implements MicrophoneDriver {
  readonly name: string;
  readonly latency: number;
  readonly channels: 1 | 2;
  readonly #spawn: () => SampleSource;
  readonly #clock: Clock;
  readonly #advice: { remedy?: string };
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #lost: CaError | null = null;
  #failures = 0;
  #restarts = 0;
  #bytes = 0;

  constructor({ name, spawn, clock, latency, channels = 1, remedy }: MicrophoneParts) {
    this.name = name;
    this.latency = latency;
    this.channels = channels;
    this.#spawn = spawn;
    this.#clock = clock;
    this.#advice = remedy === undefined ? {} : { remedy };
  }

  start(onSamples: (pcm: Buffer) => void): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(onSamples, this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#running;
  }

  health(): DriverHealth {
    const detail = { samples: this.#bytes / (2 * this.channels), restarts: this.#restarts };
    return this.#lost ? degraded(this.#lost, detail) : { status: 'ok', detail };
  }

  async #run(onSamples: (pcm: Buffer) => void, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const why = await this.#record(onSamples, signal);
      if (signal.aborted) return;
      this.#lost = why;
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `stop`, which the loop's condition sees.
      await this.#clock.sleep(`restart ${this.name}`, wait, signal).catch(() => {});
      if (!signal.aborted) this.#restarts++;
    }
  }

  /** One life of the child. Resolves with the reason when it has ended. */
  #record(onSamples: (pcm: Buffer) => void, signal: AbortSignal): Promise<CaError> {
    return new Promise((resolve) => {
      const child = this.#spawn();
      const toWholeSamples = wholeSamples(2 * this.channels);
      let fault: unknown = null;
      let stalled = false;
      let lastWords = '';
      let watchdog: Timer | null = null;
      // KILL: there is nothing to save, and a child that hangs in its device ignores the rest.
      const kill = () => child.kill('SIGKILL');
      let heard = this.#clock.now().mono;
      // One timer every few seconds: one for every few samples would be most of what they cost.
      const watch = (ms: number) => {
        watchdog = this.#clock.after(`samples of ${this.name}`, ms, () => {
          const left = heard + STALL - this.#clock.now().mono;
          if (left > 0) return watch(left);
          stalled = true;
          kill();
        });
      };
      watch(STALL);
      signal.addEventListener('abort', kill);
      child.stdout.on('data', (chunk: Buffer) => {
        heard = this.#clock.now().mono;
        if (signal.aborted) return;
        const pcm = toWholeSamples(chunk);
        if (pcm.length === 0) return;
        this.#bytes += pcm.length;
        this.#lost = null;
        this.#failures = 0;
        onSamples(pcm);
      });
      child.stderr.on('data', (chunk: Buffer) => {
        lastWords = (lastWords + chunk.toString()).slice(-LAST_WORDS);
      });
      child.on('error', (error) => {
        fault = error;
      });
      // node-record-lpcm16 repeats every exit, also the wanted one, as a string here; `close` says it better.
      child.stdout.on('error', (error: unknown) => {
        if (error instanceof Error) fault ??= error;
      });
      child.on('close', (code, killed) => {
        watchdog?.cancel();
        signal.removeEventListener('abort', kill);
        resolve(
          this.#reason({ fault, stalled, lastWords: lastWords.trim().replaceAll('\n', '; '), code, killed }),
        );
      });
    });
  }

  #reason(end: {
    fault: unknown;
    stalled: boolean;
    lastWords: string;
    code: number | null;
    killed: NodeJS.Signals | null;
  }): CaError {
    const lost = (said: string) =>
      new CaError('CA_MICROPHONE_LOST', `${this.name}: ${said}`, {
        cause: end.fault ?? undefined,
        ...this.#advice,
      });
    if (end.stalled) return lost(`no samples for ${STALL / 1_000} s`);
    // What setpriv exits with when the program it shall become is not there.
    if (end.code === 127 || (end.fault as { code?: unknown } | null)?.code === 'ENOENT') {
      return new CaError('CA_TOOL_MISSING', `${this.name}: ${end.lastWords || 'setpriv: not found'}`, {
        cause: end.fault ?? undefined,
        remedy: 'Install the Debian packages alsa-utils, ffmpeg and util-linux.',
      });
    }
    return lost(end.lastWords || `the recorder ended with ${end.killed ?? end.code}`);
  }
}

/** Joins chunks cut anywhere into chunks of whole samples of so many bytes: 2 a channel. */
export function wholeSamples(bytesEach: number): (chunk: Buffer) => Buffer {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.length - (bytes.length % bytesEach);
    rest = bytes.subarray(end);
    return bytes.subarray(0, end);
  };
}

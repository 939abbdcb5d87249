import { backOff } from '../../device/back-off.ts';
import { NOT_FOUND, spawnBound } from '../../device/bound-process.ts';
import type { Clock, Timer } from '../../device/clock.ts';
import type { Instant } from '../../device/contacts/model.ts';
import { CaError, messageOf } from '../../device/errors.ts';
import { degraded } from '../degraded.ts';
import type { DriverHealth } from '../types.ts';
import { type EvtestNews, EvtestParser } from './evtest.ts';

/** The longest pause before it is tried again. Milliseconds. */
const LONGEST_WAIT = 10_000;
/** After this long without a word that somebody else has grabbed the device, it is ours. Milliseconds. */
const SETTLED = 500;
/** What is kept of the child's last words, in characters. Its stdout is never kept: it is what was typed. */
const LAST_WORDS = 300;

/** What wants to know the keys of a device. */
export interface KeyListener {
  key(name: string, value: 'up' | 'down' | 'repeat', at: Instant): void;
  /** Keys were lost: what has been heard so far is not all. */
  gap(): void;
  /** The device can no longer be heard: once for each loss. */
  lost(at: Instant): void;
}

/**
 * A keyboard, or what acts like one, for us alone: nobody else gets its keys. Opened again by itself; never throws.
 * The grab takes an ioctl, which Node cannot do; `evtest` can, names the keys, and is in Debian.
 */
export class KeyDevice {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #listener: KeyListener;
  #stopping: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Why the device cannot be heard; null while it can, or may yet. */
  #fault: CaError | null = null;
  #failures = 0;

  constructor(path: string, clock: Clock, listener: KeyListener) {
    this.#path = path;
    this.#clock = clock;
    this.#listener = listener;
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  /** Resolves when the device is free again. */
  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#running;
  }

  health(detail: Record<string, number>): DriverHealth {
    return this.#fault ? degraded(this.#fault, detail) : { status: 'ok', detail };
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const why = await this.#session(signal);
      if (signal.aborted) return;
      const already = this.#fault !== null;
      this.#fault = why;
      if (!already) this.#listener.lost(this.#clock.now());
      const wait = backOff(++this.#failures, LONGEST_WAIT);
      // The only way this rejects is `stop`, which the loop's condition sees.
      await this.#clock.sleep(`reopen ${this.#path}`, wait, signal).catch(() => {});
    }
  }

  /** One life of the child. Resolves with the reason when it has ended. */
  #session(signal: AbortSignal): Promise<CaError> {
    return new Promise((resolve) => {
      const parser = new EvtestParser();
      const child = spawnBound('evtest', ['--grab', this.#path], ['ignore', 'pipe', 'pipe']);
      let settling: Timer | null = null;
      let taken = false;
      let lastWords = '';
      let fault: unknown = null;
      // KILL: there is nothing to save; the kernel lets go of the device when its file is closed.
      const kill = () => child.kill('SIGKILL');
      signal.addEventListener('abort', kill);
      const ours = () => {
        settling?.cancel();
        this.#fault = null;
        this.#failures = 0;
      };
      const hear = (news: EvtestNews, at: Instant) => {
        if (news.kind === 'open') settling = this.#clock.after(`grab of ${this.#path}`, SETTLED, ours);
        else if (news.kind === 'gap') this.#listener.gap();
        else if (news.kind === 'taken') {
          taken = true;
          settling?.cancel();
          kill();
        } else {
          ours();
          this.#listener.key(news.name, news.value, at);
        }
      };
      child.stdout?.setEncoding('latin1').on('data', (text: string) => {
        const at = this.#clock.now();
        for (const news of parser.push(text)) if (!signal.aborted && !taken) hear(news, at);
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        lastWords = (lastWords + text).slice(-LAST_WORDS);
      });
      child.on('error', (error) => {
        fault = error;
      });
      child.on('close', (code, killed) => {
        settling?.cancel();
        signal.removeEventListener('abort', kill);
        if (fault) lastWords = messageOf(fault);
        resolve(keyFault(this.#path, { taken, lastWords, code, killed }));
      });
    });
  }
}

interface End {
  taken: boolean;
  lastWords: string;
  code: number | null;
  killed: NodeJS.Signals | null;
}

function keyFault(path: string, { taken, lastWords, code, killed }: End): CaError {
  if (taken) {
    return new CaError('CA_INPUT_LOST', `${path}: another program has grabbed it`, {
      remedy: `See which one: \`fuser -v ${path}\`; a desktop or another input of the config must not use it.`,
    });
  }
  const said = lastWords.trim().replace(/\s*\n\s*/g, '; ');
  if (code === NOT_FOUND || /ENOENT/.test(said)) {
    const remedy = 'Install the Debian packages evtest and util-linux.';
    return new CaError('CA_TOOL_MISSING', `${path}: ${said || 'evtest: not found'}`, { remedy });
  }
  const lost = `${path}: ${said || `evtest ended with ${killed ?? code}`}`;
  const remedy = /permission denied/i.test(said)
    ? 'Add the user of the service to the group `input`.'
    : 'Check that it is plugged in, and its name: `ls -l /dev/input/by-id`; it is tried again by itself.';
  return new CaError('CA_INPUT_LOST', lost, { remedy });
}

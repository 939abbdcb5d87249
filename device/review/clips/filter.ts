import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { spawnBound } from '../../bound-process.ts';
import { CaError, messageOf } from '../../errors.ts';

/** What of ffmpeg's complaints is kept. */
const COMPLAINT = 2_000;

/** An ffmpeg between two pipes: a clip goes in decrypted, and nothing of it touches a disk. */
export class PipedFfmpeg {
  readonly #child: ChildProcess;
  readonly #source: Readable;
  readonly #stdin: Writable;
  readonly #fed: Promise<unknown>;
  #complaint = '';
  #sourceError: unknown = null;
  #killed = false;
  /** What it makes. */
  readonly output: Readable;
  /** Fulfilled when it has ended well; rejects with CA_CLIP_DAMAGED or what broke the source off, and not where it was killed. */
  readonly done: Promise<void>;

  /** `args`: between the input `pipe:0` and the output `pipe:1`. Runs at a low priority: captures go first. */
  constructor(source: Readable, args: readonly string[]) {
    this.#source = source;
    this.#child = spawnBound(
      'nice',
      [
        '-n',
        '15',
        'ffmpeg',
        '-hide_banner',
        '-nostdin',
        '-loglevel',
        'error',
        '-i',
        'pipe:0',
        ...args,
        'pipe:1',
      ],
      ['pipe', 'pipe', 'pipe'],
    );
    const { stdin, stdout, stderr } = this.#child;
    if (!stdin || !stdout || !stderr) throw new Error('a process with pipes has them');
    this.output = stdout;
    this.#stdin = stdin;
    stderr.on('data', (text) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT);
    });
    // ffmpeg may end before it has read all: then the rest is not read either.
    stdin.on('error', () => source.destroy());
    source.on('error', (error) => {
      this.#sourceError ??= error;
      this.#child.kill('SIGKILL');
    });
    source.pipe(stdin);
    this.#fed = finished(source, { writable: false }).catch(() => {});
    this.done = this.#finish();
    // Whoever waits for it hears of a failure; nobody has to.
    this.done.catch(() => {});
  }

  /** Ends it at once; nobody wants what it makes. */
  kill(): void {
    this.#killed = true;
    this.#source.destroy();
    this.#stdin.destroy();
    this.#child.kill('SIGKILL');
  }

  async #finish(): Promise<void> {
    let outcome: unknown[];
    try {
      outcome = await once(this.#child, 'close');
    } catch (cause) {
      throw new CaError('CA_TOOL_MISSING', `ffmpeg could not be started: ${messageOf(cause)}`, { cause });
    } finally {
      this.#source.destroy();
      await this.#fed;
    }
    if (this.#killed) return;
    if (this.#sourceError !== null) throw this.#sourceError;
    if (outcome[0] !== 0)
      throw new CaError('CA_CLIP_DAMAGED', `ffmpeg cannot read a clip: ${this.#complaint.trim()}`);
  }
}

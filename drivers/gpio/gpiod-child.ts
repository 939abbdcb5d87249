import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { spawnBound } from '../../device/bound-process.ts';
import { endOf } from './gpiod.ts';

/** A `gpiomon` or `gpioset`, which has its line for as long as it runs. */
export class GpiodChild {
  readonly stdout: ChildProcess['stdout'];
  /** Aborted when it has ended, with why. */
  readonly gone: AbortSignal;
  readonly #child: ChildProcess;

  constructor([program = '', ...args]: string[]) {
    const gone = new AbortController();
    this.gone = gone.signal;
    this.#child = spawnBound(program, args, ['ignore', 'pipe', 'pipe']);
    this.stdout = this.#child.stdout;
    let words = '';
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk).slice(-1_000);
    });
    this.#child.on('error', (error) => gone.abort(error));
    // Not `exit`: its last words may come after that.
    this.#child.on('close', (code, killed) => gone.abort(endOf(program, code, killed, words)));
  }

  /** Resolves when the line is free. */
  async stop(): Promise<void> {
    // KILL: there is nothing to save, and the kernel frees the line.
    this.#child.kill('SIGKILL');
    if (!this.gone.aborted) await once(this.gone, 'abort');
  }
}

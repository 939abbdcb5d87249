import { Refusal } from '../refusal.ts';

/** Work for ffmpeg, one piece after the other: the machine has patients to count. */
export class Turns {
  readonly #most: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `most`: how many may be at work or wait; 1: nobody waits. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` when it is its turn. @throws Refusal busy, at once, when too many wait */
  take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#most)
      throw new Refusal(503, 'busy', 'The device is busy with another clip: try again in a minute.');
    this.#waiting += 1;
    const done = this.#last.then(work).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = done.catch(() => {});
    return done;
  }
}

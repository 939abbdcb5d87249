declare module 'fastify' {
  interface FastifyInstance {
    readonly clipViews: ClipViews;
  }
}

/** A player that was paused goes on with the same view, up to so many ms. */
const PAUSE = 30 * 60_000;
const MOST = 1_000;

/** Which requests for bytes of a clip are one view: a player asks many times, and each view is to be noted once. */
export class ClipViews {
  readonly #latest = new Map<string, number>();

  /**
   * True where a view begins: by the first byte, and by any other of a clip that the account has not been looking at:
   * nobody sees a clip unnoted by leaving its first byte out. `now`: Unix milliseconds.
   */
  begins(accountId: string, contactId: string, fromStart: boolean, now: number): boolean {
    const key = `${accountId} ${contactId}`;
    const before = this.#latest.get(key);
    this.#latest.delete(key);
    this.#latest.set(key, now);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > MOST && oldest !== undefined) this.#latest.delete(oldest);
    return fromStart || before === undefined || Math.abs(now - before) > PAUSE;
  }
}

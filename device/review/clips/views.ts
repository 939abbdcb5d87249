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
   * The account asks for bytes of a clip. A view begins by the first byte, and by any other of a clip that the account has
   * not been looking at: nobody sees a clip unnoted by leaving its first byte out. Then `note` is called; where it throws,
   * nothing is remembered: the next request must be noted, too. `now`: Unix milliseconds.
   */
  asked(accountId: string, contactId: string, fromStart: boolean, now: number, note: () => void): void {
    const key = `${accountId} ${contactId}`;
    const before = this.#latest.get(key);
    if (fromStart || before === undefined || Math.abs(now - before) > PAUSE) note();
    this.#latest.delete(key);
    this.#latest.set(key, now);
    const [oldest] = this.#latest.keys();
    if (this.#latest.size > MOST && oldest !== undefined) this.#latest.delete(oldest);
  }

  /** A contact was erased: nobody looks at it any more. */
  forget(contactId: string): void {
    for (const key of this.#latest.keys()) if (key.endsWith(` ${contactId}`)) this.#latest.delete(key);
  }
}

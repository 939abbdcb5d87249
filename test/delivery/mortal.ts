/** Something that is killed and brought back, by several hands: what they ask for is done one after the other. */
export class Mortal {
  readonly #kill: () => Promise<void>;
  readonly #revive: () => Promise<void>;
  #alive = true;
  #turn: Promise<void> = Promise.resolve();
  /** How often it was killed. */
  deaths = 0;

  /** It lives already. */
  constructor(deeds: { kill: () => Promise<void>; revive: () => Promise<void> }) {
    this.#kill = deeds.kill;
    this.#revive = deeds.revive;
  }

  /** Resolves when it is gone; false: it was already. */
  kill(): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#alive) return false;
      this.#alive = false;
      this.deaths++;
      await this.#kill();
      return true;
    });
  }

  /** Resolves when it runs; rejects where it cannot be started. */
  revive(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#alive) return;
      await this.#revive();
      this.#alive = true;
    });
  }

  #inTurn<T>(deed: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(deed);
    this.#turn = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}

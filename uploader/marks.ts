import type { CaError } from '../device/errors.ts';
import type { Outbox, OutboxRow } from '../device/store/records.ts';
import { storeFault } from './store-fault.ts';

/** A row that went out. */
export interface Sent {
  readonly row: OutboxRow;
  /** It had been published before: a hub asked for it. */
  readonly again: boolean;
  /** `Outbox.rewrites` when it was read. */
  readonly rewrites: number;
}

export interface MarksOptions {
  readonly outbox: Outbox;
  /** These are marked, and that is committed. */
  readonly onMarked: (sent: readonly Sent[]) => void;
  readonly onFault: (fault: CaError) => void;
}

/** What the broker has acknowledged, until that is written down: one commit for all of a turn of the event loop. */
export class Marks {
  readonly #options: MarksOptions;
  readonly #waiting = new Map<number, Sent>();
  #soon = false;

  constructor(options: MarksOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(sequence: number): boolean {
    return this.#waiting.has(sequence);
  }

  add(sent: Sent): void {
    this.#waiting.set(sent.row.sequence, sent);
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.commit();
    });
  }

  /** Writes all of them down; where the store refuses, they wait for the next call. */
  commit(): void {
    const all = [...this.#waiting.values()];
    if (all.length > 0) {
      try {
        this.#options.outbox.published(all.map(({ row }) => row));
      } catch (error) {
        return this.#options.onFault(storeFault('marking rows', error));
      }
      this.#waiting.clear();
    }
    this.#options.onMarked(all);
  }
}

/** A gap that has not begun to close for so long (ms) is no delay; asked in vain, each wait is twice the one before, up to the longest. */
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 60_000;

/** What to ask a device for: the events of this store from a sequence on. */
export interface Ask {
  readonly device: string;
  readonly store: string;
  readonly from: number;
  /** The newest event that is known of. */
  readonly to: number;
}

interface Behind {
  readonly store: string;
  readonly upTo: number;
  known: number;
  /** When the wait began, ms, and how often it was asked since `upTo` last moved. */
  since: number;
  asked: number;
}

/** When to ask which device for what is missing. Live events overtake a backlog, so a gap alone is no reason to ask. */
export class Asking {
  readonly #behind = new Map<string, Behind>();

  /** Of the device's present store everything up to `upTo` is there, and `known` is its newest event. `now`: monotonic ms. */
  see(device: string, store: string, upTo: number, known: number, now: number): void {
    const before = this.#behind.get(device);
    if (known <= upTo) this.#behind.delete(device);
    else if (before?.store !== store || before.upTo !== upTo)
      this.#behind.set(device, { store, upTo, known, since: now, asked: 0 });
    else before.known = Math.max(known, before.known);
  }

  /** The device has (again) a connection: what was asked before may never have come to it. */
  back(device: string, now: number): void {
    const behind = this.#behind.get(device);
    if (behind) Object.assign(behind, { since: now, asked: 0 });
  }

  /** What to ask for now; it counts as asked. */
  due(now: number): Ask[] {
    const asks: Ask[] = [];
    for (const [device, behind] of this.#behind) {
      if (now - behind.since < Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** behind.asked)) continue;
      behind.since = now;
      behind.asked += 1;
      asks.push({ device, store: behind.store, from: behind.upTo + 1, to: behind.known });
    }
    return asks;
  }

  /** Devices of which something is missing. */
  get size(): number {
    return this.#behind.size;
  }
}

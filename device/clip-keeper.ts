import { statfsSync } from 'node:fs';
import type { Clock, Timer } from './clock.ts';
import { messageOf } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { Spool } from './recording/spool.ts';
import type { ClipVault } from './recording/vault.ts';
import type { Health, Service } from './service.ts';
import type { ClockTrust } from './store/records.ts';
import type { Store } from './store/store.ts';

/** How often the room is looked at (ms): others write to the disk, too. */
const LOOK = 30_000;
/** Share of `vault.max` that held clips may take before somebody is told: there is time left to end a hold. */
const HELD_SHARE = 0.8;

/** Keeps what is in the vault and what the store says of it the same, and both within their limits. */
export class ClipKeeper implements Service {
  readonly name = 'vault';
  readonly #folder: string;
  readonly #vault: ClipVault;
  readonly #spool: Spool;
  readonly #max: number;
  readonly #free: number;
  readonly #age: number;
  readonly #trust: () => ClockTrust;
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Logger;
  #timer: Timer | null = null;
  #busy: Promise<void> = Promise.resolve();
  #bytes = 0;
  #held = { clips: 0, bytes: 0 };
  readonly #deleted = { space: 0, age: 0 };
  /** Files that the store has let go of and the disk has not, and why. */
  readonly #doomed = new Map<string, 'space' | 'age'>();
  /** Contacts whose clip was found to be too old when it was looked last: their end is told once. */
  #expired = new Set<string>();
  #fault: string | null = null;
  /** What the start could not put right: the next one tries again. */
  #untidy: string | null = null;
  /** The contact whose clip was deleted last. */
  #victim: string | null = null;

  constructor(options: {
    /** On the disk whose free space counts. */
    folder: string;
    vault: ClipVault;
    spool: Spool;
    /** Most bytes of all clips, and least bytes free on the disk. */
    max: number;
    free: number;
    /** The longest that a clip is kept, ms. */
    age: number;
    trust: () => ClockTrust;
    store: Store;
    journal: Journal;
    clock: Clock;
    log: Logger;
  }) {
    this.#folder = options.folder;
    this.#vault = options.vault;
    this.#spool = options.spool;
    this.#max = options.max;
    this.#free = options.free;
    this.#age = options.age;
    this.#trust = options.trust;
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** What a crash has left is put right: files that the store does not know are destroyed, clips without a file told. */
  async start(): Promise<void> {
    await this.#tried(async () => {
      const files = this.#store.vouchedFiles();
      const { removed } = await this.#vault.reconcile((file) => files.has(file));
      if (removed > 0)
        this.#log.warn({ removed }, 'files of the vault that belong to no clip were destroyed');
      const owed = this.#store.owedClips();
      for (const contactId of await this.#spool.contacts())
        if (!owed.has(contactId)) await this.#spool.destroy(contactId);
      const missing = new Set(await this.#vault.missing([...files]));
      for (const { contactId, file } of this.#store.readyClips())
        if (missing.has(file))
          this.#journal.write(() => this.#store.clipLost(contactId, this.#clock.now().wall));
    });
    this.#untidy = this.#fault;
    await this.makeRoom();
    this.#timer = this.#clock.every('vault room', LOOK, () => void this.makeRoom());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#busy;
  }

  health(): Health {
    const { space, age } = this.#deleted;
    const room = { bytes: this.#bytes, heldBytes: this.#held.bytes, max: this.#max };
    const detail = { ...room, deletedForRoom: space, deletedForAge: age };
    const reason = this.#fault ?? this.#untidy ?? this.#nearlyAllHeld();
    if (reason) return { status: 'degraded', reason, detail };
    return { status: 'ok', detail };
  }

  /**
   * Deletes clips that are too old, and then those of the least value and of them the oldest first, until the limits are kept. `needed`: bytes
   * that somebody waits to write. Resolves true when any was deleted.
   */
  makeRoom(needed = 0): Promise<boolean> {
    const count = () => this.#deleted.space + this.#deleted.age;
    const before = count();
    this.#busy = this.#busy.then(() => this.#tried(() => this.#makeRoom(needed)));
    return this.#busy.then(() => count() > before);
  }

  #nearlyAllHeld(): string | null {
    const { clips, bytes } = this.#held;
    if (clips === 0 || bytes < HELD_SHARE * this.#max) return null;
    return `${clips} clips that are held take ${Math.round((100 * bytes) / this.#max)} % of vault.max, and soon no other has room: end holds on the page, or enlarge vault.max`;
  }

  async #destroyDoomed(): Promise<void> {
    for (const [file, reason] of this.#doomed) {
      await this.#vault.destroy(file);
      this.#doomed.delete(file);
      this.#deleted[reason] += 1;
    }
  }

  /** Told first, as for room. While the store cannot be written it finds the same again. */
  #expire(): void {
    const now = this.#clock.now();
    const expired = this.#store.expiredClips(this.#age, now, this.#trust() === 'trusted');
    for (const { contactId, desk, file } of expired) {
      if (this.#expired.has(contactId)) continue;
      this.#log.info({ contact: contactId, desk }, 'a clip is deleted: it has been kept long enough');
      this.#journal.write(() => this.#store.clipDeleted(contactId, 'age', now.wall));
      this.#doomed.set(file, 'age');
    }
    this.#expired = new Set(expired.map(({ contactId }) => contactId));
  }

  async #makeRoom(needed: number): Promise<void> {
    this.#expire();
    await this.#destroyDoomed();
    for (;;) {
      this.#bytes = this.#store.clipBytes();
      this.#held = this.#store.heldClips();
      const full = this.#bytes + needed > this.#max;
      const scarce = freeBytes(this.#folder) < this.#free + needed;
      this.#fault = null;
      if (!full && !scarce) return;
      const victim = this.#store.leastValuable();
      if (!victim) {
        const { clips } = this.#held;
        const but = clips > 0 ? ` but ${clips} that are held: end a hold on the page,` : ':';
        this.#fault = `there is no room for clips (${full ? 'vault.max' : 'vault.free'}) and none to delete${but} enlarge vault.max, or free the disk`;
        return;
      }
      // While the store cannot be written it names the same again.
      if (victim.contactId === this.#victim) return;
      this.#victim = victim.contactId;
      this.#log.warn({ contact: victim.contactId, desk: victim.desk }, 'a clip is deleted to make room');
      // Told first: a power cut in between leaves a file that nobody vouches for, which the next start destroys.
      this.#journal.write(() => this.#store.clipDeleted(victim.contactId, 'space', this.#clock.now().wall));
      this.#doomed.set(victim.file, 'space');
      await this.#destroyDoomed();
    }
  }

  async #tried(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fault = `clips cannot be deleted (${messageOf(error)}): look at the disk`;
      this.#log.error({ err: error }, 'the vault could not be tidied up');
    }
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

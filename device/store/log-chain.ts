import { hash } from 'node:crypto';

/**
 * The chain of the log, pure. The hash of an entry covers the one before it, so that no entry can be changed, taken out
 * or put in without a new hash for all that follow. What an entry is about enters as a hash of its own, salted: where a
 * contact is erased, salt and text go and that hash stays, and nobody can find out by trying what it was of.
 */

/** An entry as the table has it. */
export interface ChainedEntry {
  readonly place: number;
  /** Unix milliseconds. */
  readonly wall: number;
  readonly actor: string;
  readonly account: string | null;
  readonly action: string;
  /** JSON. */
  readonly target: string;
  readonly outcome: string;
  /** null: what it was about has been erased. */
  readonly salt: string | null;
  /** Hash of salt and target. */
  readonly about: string;
  /** Hash of the entry before it. */
  readonly previous: string;
  readonly hash: string;
}

/** A place in the log and the hash of its entry: whoever keeps it elsewhere can tell later whether all up to there is as it was. */
export interface LogHead {
  /** 0: before the first entry. */
  readonly place: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Before the first entry. */
export const ORIGIN: LogHead = { place: 0, hash: '0'.repeat(64) };

/** The action by which an erasure says whose targets it took: `places`, apart by spaces. Only these may be empty. */
export const ERASED = 'log.erased';
/** What stands in the place of a target that was erased. */
export const NOTHING = '{}';

const sha256 = (text: string) => hash('sha256', text, 'hex');

export const aboutOf = (salt: string, target: string): string => sha256(`${salt}\n${target}`);

/** The canonical text is JSON of a list: no two entries have the same. Its first item names this form. */
export function hashOf(entry: Omit<ChainedEntry, 'target' | 'salt' | 'hash'>): string {
  const { place, wall, actor, account, action, outcome, about, previous } = entry;
  return sha256(
    JSON.stringify(['contact-analyzer log 1', place, wall, actor, account, action, outcome, about, previous]),
  );
}

/**
 * What is wrong with an entry. `changed`: it is not as it was written; `target`: what it was about is not; `order`: it was
 * not written after the entry before it, so that entries are missing, new or moved; `emptied`: what it was about is gone,
 * and no erasure took it; `end`: it is not the last that was written; `anchor`: it is not the one that was kept elsewhere.
 */
export type LogFault = 'changed' | 'target' | 'order' | 'emptied' | 'end' | 'anchor';

/** What came of going through the log. */
export interface LogCheck {
  readonly entries: number;
  /** Of the first and the last entry, ISO 8601 UTC; null: there is none. */
  readonly from: string | null;
  readonly to: string | null;
  /** The last entry that was forgotten for its age; place 0: none. */
  readonly forgotten: LogHead;
  readonly head: LogHead;
  /** The first entry that is wrong; null: none is. */
  readonly fault: { readonly place: number; readonly what: LogFault } | null;
  /** `forgotten`: the entry that was kept elsewhere is no longer here; null: none was given. */
  readonly anchor: 'met' | 'forgotten' | null;
}

/** Goes through the log from its first entry. Give it each entry in order of place, then ask for the `result`. */
export class ChainCheck {
  readonly #forgotten: LogHead;
  readonly #head: LogHead;
  readonly #anchor: LogHead | null;
  #last: LogHead;
  #entries = 0;
  #from: number | null = null;
  #to: number | null = null;
  #fault: LogCheck['fault'] = null;
  readonly #emptied = new Set<number>();
  #met: LogCheck['anchor'] = null;

  /** `anchor`: what was kept elsewhere. */
  constructor(forgotten: LogHead, head: LogHead, anchor: LogHead | null = null) {
    this.#forgotten = forgotten;
    this.#head = head;
    this.#anchor = anchor;
    this.#last = forgotten;
    if (anchor && anchor.place <= forgotten.place) {
      this.#met = 'forgotten';
      if (anchor.place === forgotten.place) this.#compare(forgotten);
    }
  }

  take(entry: ChainedEntry): void {
    const { place, salt, target, about } = entry;
    this.#entries++;
    this.#from ??= entry.wall;
    this.#to = entry.wall;
    if (hashOf(entry) !== entry.hash) this.#wrong(place, 'changed');
    else if (entry.previous !== this.#last.hash) this.#wrong(place, 'order');
    else if (salt !== null && aboutOf(salt, target) !== about) this.#wrong(place, 'target');
    else if (salt === null && target !== NOTHING) this.#wrong(place, 'target');
    if (salt === null) this.#emptied.add(place);
    if (entry.action === ERASED && salt !== null)
      for (const taken of placesOf(target)) this.#emptied.delete(taken);
    this.#last = entry;
    this.#compare(entry);
  }

  result(): LogCheck {
    const [emptied] = this.#emptied;
    if (emptied !== undefined) this.#wrong(emptied, 'emptied');
    const { place, hash } = this.#last;
    if (place !== this.#head.place || hash !== this.#head.hash) this.#wrong(place, 'end');
    const anchor = this.#anchor;
    if (anchor && this.#met === null) this.#wrong(anchor.place, 'anchor');
    return {
      entries: this.#entries,
      ...{ from: isoOf(this.#from), to: isoOf(this.#to), forgotten: this.#forgotten },
      head: { place, hash },
      fault: this.#fault,
      anchor: this.#met,
    };
  }

  #compare({ place, hash }: LogHead): void {
    const anchor = this.#anchor;
    if (anchor?.place !== place) return;
    this.#met = 'met';
    if (anchor.hash !== hash) this.#wrong(place, 'anchor');
  }

  /** The first by its place counts: what follows is often its consequence. */
  #wrong(place: number, what: LogFault): void {
    if (this.#fault === null || place < this.#fault.place) this.#fault = { place, what };
  }
}

const isoOf = (wall: number | null) => (wall === null ? null : new Date(wall).toISOString());

function placesOf(target: string): number[] {
  const found = /^\{"places":"([\d ]+)"\}$/.exec(target);
  return found?.[1]?.split(' ').map(Number) ?? [];
}

import type { Tag } from '../../contacts/model.ts';
import { HELD, VALUE } from '../clip-lists.ts';
import type { PageTables } from './tables.ts';

/** Clips that would be destroyed. `unreviewed`: of negative contacts that nobody has reviewed. */
export interface Doomed {
  clips: number;
  bytes: number;
  unreviewed: number;
}

const READY = `FROM clips JOIN contacts ON id = contact_id WHERE clips.state = 'ready'`;
const UNREVIEWED = `tag = 'negative' AND contact_id NOT IN (SELECT contact_id FROM review_marks)`;
const FREE = `contact_id NOT IN (${HELD.replace('?', '@now')})`;

/** What another retention would cost. Times: Unix ms. Contacts of a clock that nobody put right are judged by what it said. */
export class Retention {
  readonly #now: () => number;
  readonly #older;
  readonly #held;
  readonly #room;
  readonly #tags;

  constructor({ prepare, now }: PageTables) {
    this.#now = now;
    this.#older = prepare<{ before: number; now: number }, Doomed>(
      `SELECT count(*) AS clips, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(${UNREVIEWED}), 0) AS unreviewed
         ${READY} AND started_wall < @before AND ${FREE}`,
    );
    this.#held = prepare<[number, number], { held: number }>(
      `SELECT count(*) AS held ${READY} AND started_wall < ? AND contact_id IN (${HELD})`,
    );
    this.#room = prepare<{ from: number; excess: number; now: number }, Doomed>(
      `SELECT count(*) AS clips, coalesce(sum(bytes), 0) AS bytes, coalesce(sum(unreviewed), 0) AS unreviewed FROM (
         SELECT bytes, ${UNREVIEWED} AS unreviewed,
             sum(bytes) OVER (ORDER BY ${VALUE}, started_wall, id ROWS UNBOUNDED PRECEDING) - bytes AS freed
           ${READY} AND started_wall >= @from AND ${FREE}) WHERE freed < @excess`,
    );
    this.#tags = prepare<[number], { tag: Tag; n: number }>(
      `SELECT tag, count(*) AS n FROM contacts
         WHERE started_wall >= ? AND state = 'settled' AND captured AND NOT veto GROUP BY tag`,
    );
  }

  /** The clips of contacts that began before `before`. `held`: how many of them a hold keeps nevertheless. */
  older(before: number): Doomed & { held: number } {
    const now = this.#now();
    const doomed = this.#older.get({ before, now }) ?? { clips: 0, bytes: 0, unreviewed: 0 };
    return { ...doomed, held: this.#held.get(before, now)?.held ?? 0 };
  }

  /** The clips, of contacts since `from`, that would make room until `excess` bytes are free. */
  room(from: number, excess: number): Doomed {
    if (excess <= 0) return { clips: 0, bytes: 0, unreviewed: 0 };
    return this.#room.get({ from, excess, now: this.#now() }) ?? { clips: 0, bytes: 0, unreviewed: 0 };
  }

  /** How many recorded contacts since `from` have each tag; those with a veto apart. */
  tags(from: number): Partial<Record<Tag, number>> {
    return Object.fromEntries(this.#tags.all(from).map(({ tag, n }) => [tag, n]));
  }
}

import { indicesOf } from '../contacts/indices.ts';
import type { Db } from './open.ts';
import type { ContactReader, ContactRecord, IndicesRecord, PressRecord, ScoreTimeline } from './records.ts';
import {
  type BinsRow,
  type ClipRow,
  type ContactRow,
  contactRecord,
  type HintRow,
  iso,
  type PressRow,
  pressRecord,
  type ScoreRow,
} from './rows.ts';

interface CountedRow {
  desk: string;
  served: number;
  rating: number | null;
  top: number;
  negative: number | null;
}

/** Contacts as the page and the messages show them. */
export class SqliteContacts implements ContactReader {
  readonly #listeners = new Set<() => void>();
  readonly #device: string;
  readonly #between;
  readonly #byId;
  readonly #state;
  readonly #presses;
  readonly #press;
  readonly #clip;
  readonly #scores;
  readonly #bins;
  readonly #hint;
  readonly #counted;

  /** `device`: the name that the records carry. */
  constructor(db: Db, device: string) {
    this.#device = device;
    this.#between = db.prepare<[number, number], ContactRow>(
      'SELECT * FROM contacts WHERE started_wall >= ? AND started_wall < ? ORDER BY started_wall DESC, id DESC',
    );
    this.#byId = db.prepare<[string], ContactRow>('SELECT * FROM contacts WHERE id = ?');
    this.#state = db.prepare<[string], Pick<ContactRecord, 'state'>>(
      'SELECT state FROM contacts WHERE id = ?',
    );
    this.#presses = db.prepare<[string], PressRow>(
      'SELECT * FROM presses WHERE contact_id = ? ORDER BY mono, id',
    );
    this.#press = db.prepare<[string], PressRow>('SELECT * FROM presses WHERE id = ?');
    this.#clip = db.prepare<[string], ClipRow>(
      "SELECT * FROM clips WHERE contact_id = ? AND state <> 'pending'",
    );
    this.#scores = db.prepare<[string], ScoreRow>(
      'SELECT contact_id, kind, models, thresholds, summary FROM scores WHERE contact_id = ? ORDER BY kind',
    );
    this.#bins = db.prepare<[string], BinsRow>(
      'SELECT kind, bins_from, bins FROM scores WHERE contact_id = ? ORDER BY kind',
    );
    this.#hint = db.prepare<[string], HintRow>(
      'SELECT kind, priority, reasons FROM hints WHERE contact_id = ?',
    );
    this.#counted = db.prepare<[number, number, string | null, string | null], CountedRow>(
      `SELECT c.desk, c.served, c.rating, c.top, p.tag = 'negative' AS negative
       FROM contacts c LEFT JOIN presses p ON p.id = c.press_id
       WHERE c.started_wall >= ? AND c.started_wall < ? AND (? IS NULL OR c.desk = ?)`,
    );
  }

  between(from: number, to: number): ContactRecord[] {
    return this.#between.all(from, to).map((row) => this.#whole(row));
  }

  has(id: string): boolean {
    return this.stateOf(id) !== null;
  }

  /** null: there is no such contact. */
  stateOf(id: string): ContactRecord['state'] | null {
    return this.#state.get(id)?.state ?? null;
  }

  byId(id: string): ContactRecord | null {
    const row = this.#byId.get(id);
    return row ? this.#whole(row) : null;
  }

  timelines(id: string): ScoreTimeline[] {
    return this.#bins
      .all(id)
      .map(({ kind, bins_from, bins }) => ({ kind, from: bins_from, bins: JSON.parse(bins) }));
  }

  press(id: string): PressRecord | null {
    const row = this.#press.get(id);
    return row ? pressRecord(row) : null;
  }

  indices(from: number, to: number, desk?: string): IndicesRecord {
    const rows = this.#counted.all(from, to, desk ?? null, desk ?? null);
    return { from: iso(from), to: iso(to), ...indicesOf(rows.map(countedOf)) };
  }

  /** The indices of all contacts, and of those of each of `desks`; all of it read once. */
  indicesOfDesks(
    from: number,
    to: number,
    desks: readonly string[],
  ): { day: IndicesRecord; desks: Record<string, IndicesRecord> } {
    const rows = this.#counted.all(from, to, null, null);
    const record = (of: readonly CountedRow[]) => ({
      ...{ from: iso(from), to: iso(to), ...indicesOf(of.map(countedOf)) },
    });
    const perDesk = Map.groupBy(rows, ({ desk }) => desk);
    return {
      day: record(rows),
      desks: Object.fromEntries(desks.map((desk) => [desk, record(perDesk.get(desk) ?? [])])),
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #whole(row: ContactRow): ContactRecord {
    return contactRecord(row, {
      device: this.#device,
      presses: this.#presses.all(row.id),
      clip: this.#clip.get(row.id),
      scores: this.#scores.all(row.id),
      hint: this.#hint.get(row.id),
    });
  }
}

const countedOf = (row: CountedRow) => ({
  served: row.served === 1,
  rating: row.rating,
  top: row.top === 1,
  negative: row.negative === 1,
});

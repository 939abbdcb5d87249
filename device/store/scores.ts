import type { Prepare } from './open.ts';
import { Strips } from './page/strips.ts';
import type { ScoredContact } from './records.ts';

/** Finer than that no score is told, and a second takes a third of the room. */
const DECIMALS = 3;

/** The tables of scores and hints. Call what writes in a transaction. */
export class SqliteScores {
  readonly #prepare: Prepare;
  readonly #strips: Strips;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
    this.#strips = new Strips(prepare);
  }

  add({ contactId, scores, hint }: ScoredContact): void {
    for (const { kind, models, thresholds, summary, from, bins } of scores)
      this.#prepare(
        `INSERT OR REPLACE INTO scores (contact_id, kind, models, thresholds, summary, bins_from, bins)
           VALUES (@contactId, @kind, @models, @thresholds, @summary, @from, @bins)`,
      ).run({
        ...{ contactId, kind, from, models: JSON.stringify(models), thresholds: JSON.stringify(thresholds) },
        ...{ summary: rounded(summary), bins: rounded(bins) },
      });
    this.#strips.add(contactId, scores);
    const { kind, priority, reasons } = hint;
    this.#prepare(
      'INSERT OR REPLACE INTO hints (contact_id, kind, priority, reasons) VALUES (?, ?, ?, ?)',
    ).run(contactId, kind, priority, JSON.stringify(reasons));
  }

  /** Nothing that models said of the contact stays. */
  delete(contactId: string): void {
    this.#strips.delete(contactId);
    this.#prepare('DELETE FROM scores WHERE contact_id = ?').run(contactId);
    this.#prepare('DELETE FROM hints WHERE contact_id = ?').run(contactId);
  }

  /** What they said second by second is for looking at the clip: it goes with it. */
  deleteBins(contactId: string): void {
    this.#strips.delete(contactId);
    this.#prepare("UPDATE scores SET bins = '[]' WHERE contact_id = ?").run(contactId);
  }

  /** So it does where there never was a clip, for contacts before `wall` that no hold keeps. Unix milliseconds. */
  forgetBins(wall: number, now: number): void {
    const old = `contact_id IN (SELECT id FROM contacts WHERE started_wall < @wall AND clock <> 'untrusted')
      AND contact_id NOT IN (SELECT contact_id FROM holds WHERE until_wall > @now AND ended_wall IS NULL)`;
    this.#prepare(`DELETE FROM strips WHERE ${old}`).run({ wall, now });
    this.#prepare(`UPDATE scores SET bins = '[]' WHERE bins <> '[]' AND ${old}`).run({ wall, now });
  }
}

function rounded(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' ? Number(inner.toFixed(DECIMALS)) : inner,
  );
}

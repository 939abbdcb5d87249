import type { Instant } from '../contacts/model.ts';
import { later } from '../contacts/presence.ts';
import type { Prepare } from './open.ts';

/** Until when the recording of a desk is paused. A restart does not end a pause. */
export class Pauses {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** `until` null: the pause is over. */
  set(desk: string, until: Instant | null, boot: string): void {
    if (until === null) return void this.#prepare('DELETE FROM pauses WHERE desk = ?').run(desk);
    this.#prepare(
      `INSERT INTO pauses (desk, boot, until_wall, until_mono) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET boot = excluded.boot, until_wall = excluded.until_wall, until_mono = excluded.until_mono`,
    ).run(desk, boot, until.wall, until.mono);
  }

  /**
   * The end of the desk's pause on the clocks of this boot; it may lie in the past; null: there is none.
   * A pause of this boot ends by the monotonic clock. One of another boot ends by the wall clock, as it was at `at`,
   * a moment of this boot; but it lasts no longer than was left of it at that boot's last sign of life, since the
   * clock of a Pi without a battery may start years behind.
   */
  until(desk: string, boot: string, at: Instant): Instant | null {
    const row = this.#prepare<[string], { boot: string; wall: number; mono: number; alive: number }>(
      `SELECT boot, until_wall AS wall, until_mono AS mono,
           (SELECT max(alive_mono) FROM sessions WHERE sessions.boot = pauses.boot) AS alive
         FROM pauses WHERE desk = ?`,
    ).get(desk);
    if (!row) return null;
    if (row.boot === boot) return { mono: row.mono, wall: row.wall };
    return later(at, Math.min(row.wall - at.wall, row.mono - row.alive));
  }

  /** The clock has become trustworthy: see `Store.correctClock`. */
  correctClock(boot: string, offset: number): void {
    this.#prepare('UPDATE pauses SET until_wall = until_mono + ? WHERE boot = ?').run(offset, boot);
  }
}

import type { Db, Prepare } from './open.ts';
import { iso } from './rows.ts';

/** By which way somebody asked for something. */
export type Actor = 'console' | 'mqtt' | 'page';

/** What somebody asked for and what became of it. */
export interface ActionRecord {
  /** ISO 8601, UTC with milliseconds. */
  readonly time: string;
  readonly actor: Actor;
  /** The command's name; `unknown`: there is none of the name that was given. */
  readonly action: string;
  /** What it was about, such as the desk. Nobody can be known by it. */
  readonly target: Readonly<Record<string, string | number>>;
  /** `ok`, or the code of the error. */
  readonly outcome: string;
}

/** An action as it is added; `wall`: Unix milliseconds. */
export interface NewAction extends Omit<ActionRecord, 'time'> {
  readonly wall: number;
}

/** The log of actions: who asked for what, and what came of it. Added to, never changed, but where a contact is erased; kept for a year. */
export class Actions {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  add({ wall, actor, action, target, outcome }: NewAction): void {
    this.#prepare('INSERT INTO actions (wall, actor, action, target, outcome) VALUES (?, ?, ?, ?, ?)').run(
      wall,
      actor,
      action,
      JSON.stringify(target),
      outcome,
    );
  }

  /** Deletes what was asked for before `before`, Unix milliseconds. */
  forget(before: number): void {
    this.#prepare('DELETE FROM actions WHERE wall < ?').run(before);
  }

  /** What was asked for stays, the contact that it was about does not. */
  forgetContact(contactId: string): void {
    this.#prepare("UPDATE actions SET target = '{}' WHERE target ->> 'contactId' = ?").run(contactId);
  }
}

/** Actions within [from, to) of the wall clock, in their order; also from a store opened for reading. */
export function* readActions(db: Db, from: number, to: number): Generator<ActionRecord> {
  const rows = db
    .prepare<
      [number, number],
      { wall: number; actor: Actor; action: string; target: string; outcome: string }
    >('SELECT wall, actor, action, target, outcome FROM actions WHERE wall >= ? AND wall < ? ORDER BY place')
    .iterate(from, to);
  for (const { wall, target, ...row } of rows) yield { time: iso(wall), ...row, target: JSON.parse(target) };
}

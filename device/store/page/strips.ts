import type { FaceBin, SoundBin } from '../../../models/readings.ts';
import type { Prepare } from '../open.ts';
import type { NewScores, ScoreTimeline, Strip } from '../records.ts';

/** The table, part of the store's sixth version. A list must not read all seconds of each of its contacts. */
export const STRIPS = `
  CREATE TABLE strips (
    contact_id TEXT PRIMARY KEY REFERENCES contacts,
    face       TEXT,
    sound      TEXT
  ) STRICT, WITHOUT ROWID;
`;

/** More cannot be told apart in a row of a list. */
const LETTERS = 60;

/** `duration`: of the stay, ms; null: nothing was scored, or is no longer kept second by second. */
export function stripOf(lines: readonly (NewScores | ScoreTimeline)[], duration: number): Strip | null {
  const strip: { face: string | null; sound: string | null } = { face: null, sound: null };
  for (const line of lines) {
    if (line.bins.length === 0) continue;
    if (line.kind === 'face') strip.face = letters(line.bins, line.from, duration, '-opn', faceLetter);
    else strip.sound = letters(line.bins, line.from, duration, '.sr', soundLetter);
  }
  return strip.face === null && strip.sound === null ? null : strip;
}

/**
 * Of the seconds that begin in a part, the letter that stands last in `order`. A short negative moment is what somebody has
 * to find: it is not averaged away. `from`: of the first second, ms after the arrival.
 */
function letters<B>(
  bins: readonly B[],
  from: number,
  duration: number,
  order: string,
  letterOf: (bin: B) => string,
): string {
  const seconds = Math.max(1, Math.ceil(duration / 1_000));
  const parts = Array.from({ length: Math.min(LETTERS, seconds) }, () => order.charAt(0));
  bins.forEach((bin, second) => {
    const part = Math.floor(((from / 1_000 + second) / seconds) * parts.length);
    const letter = letterOf(bin);
    const before = parts[part];
    if (before !== undefined && order.indexOf(letter) > order.indexOf(before)) parts[part] = letter;
  });
  return parts.join('');
}

const FACES = { negative: 'n', neutral: 'o', positive: 'p', unknown: '-' } as const;
const faceLetter = ({ state }: FaceBin) => FACES[state];

/** Half a second of speech in a second. */
const SPEECH = 0.5;
const soundLetter = ({ raised, speech, receptionist }: SoundBin) =>
  raised ? 'r' : Math.max(speech, receptionist ?? 0) >= SPEECH ? 's' : '.';

/** The strips' table. They go when the seconds go that they were made of. Call what writes in a transaction. */
export class Strips {
  readonly #prepare: Prepare;

  constructor(prepare: Prepare) {
    this.#prepare = prepare;
  }

  /** The contact must be there, with its duration. */
  add(contactId: string, scores: readonly (NewScores | ScoreTimeline)[]): void {
    const row = this.#prepare<[string], { duration: number | null }>(
      'SELECT duration FROM contacts WHERE id = ?',
    ).get(contactId);
    const strip = stripOf(scores, row?.duration ?? 0);
    if (strip)
      this.#prepare('INSERT OR REPLACE INTO strips (contact_id, face, sound) VALUES (?, ?, ?)').run(
        contactId,
        strip.face,
        strip.sound,
      );
  }

  /** null: nothing was scored, or only by a release that made none. */
  of(contactId: string): Strip | null {
    const row = this.#prepare<[string], Strip>('SELECT face, sound FROM strips WHERE contact_id = ?').get(
      contactId,
    );
    return row ?? null;
  }

  delete(contactId: string): void {
    this.#prepare('DELETE FROM strips WHERE contact_id = ?').run(contactId);
  }
}

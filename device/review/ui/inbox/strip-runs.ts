import type { Strip } from '../../../store/records.ts';

/** Letters alike that follow each other; `from` and `to` in [0, 1] of the stay. */
export interface Run {
  readonly letter: string;
  readonly from: number;
  readonly to: number;
}

export function runsOf(letters: string): Run[] {
  const runs: { letter: string; from: number; to: number }[] = [];
  [...letters].forEach((letter, place) => {
    const last = runs.at(-1);
    const to = (place + 1) / letters.length;
    if (last?.letter === letter) last.to = to;
    else runs.push({ letter, from: place / letters.length, to });
  });
  return runs;
}

/** What a strip says in figures: shares in [0, 1] of the stay; null where there is nothing to say. */
export interface StripFacts {
  readonly negative: number | null;
  readonly speech: number | null;
  readonly raised: number | null;
}

export function factsOf({ face, sound }: Strip): StripFacts {
  const share = (letters: string | null, wanted: string) =>
    letters ? [...letters].filter((letter) => wanted.includes(letter)).length / letters.length : null;
  return { negative: share(face, 'n'), speech: share(sound, 'sr'), raised: share(sound, 'r') };
}

import type { TsIndex } from './ts-index.ts';

/** A stretch of a track in which nothing was captured. Seconds of the timeline. */
export interface Gap {
  readonly track: 'video' | 'audio';
  readonly from: number;
  readonly to: number;
}

/** Shorter than this (s) it is the rhythm of the stream, or a picture lost on the way. */
const GAP = 1;

/** What of a clip is really there, told segment by segment. */
export class Coverage {
  readonly #from: number;
  readonly #gaps: Gap[] = [];
  readonly #reached = { video: Number.NaN, audio: Number.NaN };
  #interval = 0;

  /** `from`: where the clip begins. */
  constructor(from: number) {
    this.#from = from;
  }

  /** The next segment. */
  add(index: TsIndex): void {
    for (const track of ['video', 'audio'] as const) {
      const there = index[track];
      if (!there || there.last < this.#from) continue;
      this.#note(track, there.first);
      for (const [from, to] of there.gaps) this.#push(track, from, to);
      if (track === 'video') this.#interval = index.video?.interval ?? this.#interval;
      this.#reached[track] = Math.max(there.last, this.#reached[track] || Number.NEGATIVE_INFINITY);
    }
  }

  /** Seconds from one picture to the next; 0 while there are none. */
  get interval(): number {
    return this.#interval;
  }

  get tracks(): ('video' | 'audio')[] {
    return (['video', 'audio'] as const).filter((track) => !Number.isNaN(this.#reached[track]));
  }

  /** All gaps up to `to`, where the clip ends: one that lasts to the end included. */
  gaps(to: number): Gap[] {
    const missing = this.tracks.flatMap((track): Gap[] => {
      const from = this.#reached[track];
      return to - from > GAP ? [{ track, from, to }] : [];
    });
    return [...this.#gaps, ...missing].filter((gap) => gap.from < to);
  }

  #note(track: 'video' | 'audio', first: number): void {
    const before = this.#reached[track];
    this.#push(track, Number.isNaN(before) ? this.#from : before, first);
  }

  #push(track: 'video' | 'audio', from: number, to: number): void {
    const begin = Math.max(from, this.#from);
    if (to - begin > GAP) this.#gaps.push({ track, from: begin, to });
  }
}

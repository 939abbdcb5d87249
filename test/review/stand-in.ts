import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CaError } from '../../device/errors.ts';
import type { ClipReader, DeskPresence } from '../../device/review/sources.ts';
import type {
  ClipRecord,
  ContactReader,
  ContactRecord,
  Estimate,
  IndicesRecord,
  PressRecord,
  ScoreRecord,
  ScoreTimeline,
} from '../../device/store/records.ts';
import type { FaceBin } from '../../models/readings.ts';

/** Contacts fed by hand, in place of the store; `put` announces the change as a commit does. */
export class ContactsStandIn implements ContactReader {
  readonly #contacts = new Map<string, ContactRecord>();
  readonly #listeners = new Set<() => void>();

  put(...contacts: ContactRecord[]): void {
    for (const contact of contacts) this.#contacts.set(contact.id, contact);
    for (const listener of this.#listeners) listener();
  }

  between(from: number, to: number): ContactRecord[] {
    return [...this.#contacts.values()]
      .filter(({ startedAt }) => Date.parse(startedAt) >= from && Date.parse(startedAt) < to)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  byId(id: string): ContactRecord | null {
    return this.#contacts.get(id) ?? null;
  }

  /** Of a contact with a scored face: some seconds, from 3.5 to 6.5 s of which it looked negative. */
  timelines(id: string): ScoreTimeline[] {
    const face = this.byId(id)?.scores.some(({ kind }) => kind === 'face');
    const states = ['neutral', 'neutral', 'negative', 'negative', 'negative', 'unknown'] as const;
    const bins = states.map((state): FaceBin => ({ valence: null, state, untold: null }));
    return face ? [{ kind: 'face', from: 1_500, bins }] : [];
  }

  indices(from: number, to: number, desk?: string): IndicesRecord {
    const counted = this.between(from, to).filter((c) => c.served && (desk ?? c.desk) === c.desk);
    const served = counted.length;
    const [rated, top, negative] = [
      counted.filter((c) => c.rating !== null).length,
      counted.filter((c) => c.top).length,
      counted.filter((c) => c.rating !== null && c.tag === 'negative').length,
    ];
    return {
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      ...{ served, rated, top, negative },
      support: wilson(top, served),
      dissatisfaction: wilson(negative, served),
      responseRate: served === 0 ? null : rated / served,
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listeners(): number {
    return this.#listeners.size;
  }
}

function wilson(k: number, n: number): Estimate | null {
  if (n === 0) return null;
  const z2 = 1.96 ** 2;
  const centre = (k + z2 / 2) / (n + z2);
  const half = (1.96 * Math.sqrt((k * (n - k)) / n + z2 / 4)) / (n + z2);
  return { value: k / n, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** Clips as plain files in `folder`. */
export const clipsIn = (folder: string): ClipReader => ({
  async size(file) {
    const { size } = await stat(join(folder, file)).catch((cause) => {
      throw new CaError('CA_CLIP_NOT_FOUND', `no clip ${file}`, { cause });
    });
    return size;
  },
  open: (file, range) => createReadStream(join(folder, file), range ?? {}),
});

const iso = (wall: number) => new Date(wall).toISOString();

/** A settled, served, unrated contact of 65 s at `start` (ms since 1970); `presses` come as seconds after it. */
export function contact(
  id: string,
  start: number,
  about: Partial<ContactRecord> & {
    pressed?: [second: number, rating: number, ...flags: PressRecord['flags']][];
  } = {},
): ContactRecord {
  const { pressed = [], ...rest } = about;
  const desk = rest.desk ?? 'front';
  const duration = rest.duration ?? 65_000;
  const tags = { 1: 'negative', 3: 'neutral', 5: 'positive' } as const;
  const presses = pressed.map(
    ([second, rating, ...flags], place): PressRecord => ({
      id: `${id}-p${place}`,
      desk,
      contactId: id,
      button: { 1: 'red', 3: 'yellow', 5: 'green' }[rating] ?? 'other',
      rating,
      tag: tags[rating as keyof typeof tags],
      time: iso(start + second * 1000),
      clock: 'trusted',
      flags,
    }),
  );
  const last = presses.findLast(({ flags }) => flags.length === 0);
  return {
    id,
    device: 'reception-1',
    desk,
    state: 'settled',
    startedAt: iso(start),
    endedAt: iso(start + duration),
    duration,
    endReason: 'departed',
    served: true,
    tag: last?.tag ?? 'unrated',
    tagSource: last ? 'press' : null,
    rating: last?.rating ?? null,
    top: last?.rating === 5,
    veto: false,
    receptionist: null,
    clock: 'trusted',
    presses,
    clip: null,
    scores: [],
    hint: null,
    ...rest,
  };
}

/** A clip that can be played; `about` gives its file, its media type and its lengths in ms. */
export function readyClip(contactId: string, about: Partial<ClipRecord>): ClipRecord {
  return {
    contactId,
    state: 'ready',
    reason: null,
    file: 'clip.mp4',
    mediaType: 'video/mp4',
    bytes: null,
    sha256: '0'.repeat(64),
    duration: 72_000,
    preRoll: 5_000,
    manifest: null,
    ...about,
  };
}

/** A clip that is not there, and why. */
export const noClip = (
  contactId: string,
  state: 'failed' | 'deleted',
  reason: string | null,
): ClipRecord => ({
  ...readyClip(contactId, { state, reason }),
  ...{ file: null, mediaType: null, sha256: null, duration: null, preRoll: null },
});

/** A scored face: shares of negative, neutral and positive, in nearly all of the time. */
export const score = (
  contactId: string,
  negative: number,
  neutral: number,
  positive: number,
): ScoreRecord => ({
  ...{ contactId, kind: 'face', thresholds: {} },
  models: [{ id: 'face-api-expression', version: '1.7.15', licence: 'MIT' }],
  summary: {
    ...{ looked: 130, scored: 97, coverage: 0.74, negative, neutral, positive, others: 0, dropped: 0 },
    ...{ held: { negative: negative > 0.4 ? 6 : 0, positive: 0 }, untold: { bent: 5 } },
    verdict: negative > 0.4 ? 'negative' : 'neutral',
  },
});

export const presence = (desk: string, since: number, contactId: string | null = null): DeskPresence => ({
  desk,
  present: contactId !== null,
  since: iso(since),
  contactId,
});

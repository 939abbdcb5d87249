import type { KeepPolicy } from '../../contacts/keeping.ts';
import type { Tag } from '../../contacts/model.ts';
import type { Doomed } from '../../store/page/retention.ts';
import type { Store } from '../../store/store.ts';
import type { ChangedLine, DeviceSettings, SettingsChange } from './settings.ts';

/** What a change of the settings would do. */
export interface Effects {
  /** Clips that are too old for the new age; null: nothing of that changes. `held`: kept nevertheless. */
  readonly older: (Doomed & { readonly held: number }) | null;
  /** Clips that would make room; null: nothing of that changes. */
  readonly room: Doomed | null;
  /**
   * Of the contacts of the last 30 days, how many clips the policies keep: as it is, and as it would be; null: it stays. What
   * is kept already stays kept.
   */
  readonly kept: { readonly contacts: number; readonly before: number; readonly after: number } | null;
}

/** `POST /api/settings/preview`. */
export interface SettingsPreview extends Effects {
  readonly lines: readonly ChangedLine[];
  /** Whether the service may change the file; if not, the lines have to be changed by hand. */
  readonly writable: boolean;
}

const MONTH = 30 * 86_400_000;

/** `now`: Unix ms. */
export function effectsOf(store: Store, is: DeviceSettings, change: SettingsChange, now: number): Effects {
  const { age = is.age, max = is.max } = change;
  const before = now - age;
  const older = age < is.age ? store.retention.older(before) : null;
  const left = store.clipBytes() - (older?.bytes ?? 0);
  const room = max < is.max ? store.retention.room(older ? before : 0, left - max) : null;
  const policy = { keep: change.keep ?? is.keep, sample: change.sample ?? is.sample };
  if (policy.keep === is.keep && policy.sample === is.sample) return { older, room, kept: null };
  const tags = store.retention.tags(now - MONTH);
  const contacts = Object.values(tags).reduce((sum, n) => sum + n, 0);
  return { older, room, kept: { contacts, before: keptOf(tags, is), after: keptOf(tags, policy) } };
}

/** How many clips a policy keeps of contacts with these tags; of a random sample, as many as are to be expected. */
function keptOf(tags: Partial<Record<Tag, number>>, { keep, sample }: KeepPolicy): number {
  const { negative = 0, positive = 0, neutral = 0, unrated = 0 } = tags;
  if (keep === 'none') return 0;
  if (keep === 'all') return negative + positive + neutral + unrated;
  const rated = keep === 'rated' ? positive + neutral : 0;
  return Math.round(negative + rated + unrated * sample);
}

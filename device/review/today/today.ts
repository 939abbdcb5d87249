import type { Tag } from '../../contacts/model.ts';
import type { Health } from '../../service.ts';
import type { BriefContact } from '../../store/page/today.ts';
import type { IndicesRecord } from '../../store/records.ts';
import type { DeskPresence } from '../parts.ts';

/** A contact of the day. */
export interface TodayContact extends Omit<BriefContact, 'tag'> {
  /** Chosen for review by chance, and not yet reviewed by who asks: without tag and presses. */
  readonly blind: boolean;
  readonly tag: Tag | null;
}

/** `GET /api/today`: the desks as they are now, and the day so far. */
export interface TodayNow {
  readonly device: string;
  /** ISO time of the device: the browser's clock may be another. */
  readonly now: string;
  /** IANA name of the clinic's time zone. */
  readonly timeZone: string;
  readonly desks: readonly DeskPresence[];
  /** Newest first, at most `MOST`. */
  readonly contacts: readonly TodayContact[];
  /** True: there were more contacts today than these. */
  readonly more: boolean;
  readonly indices: { readonly day: IndicesRecord; readonly desks: Readonly<Record<string, IndicesRecord>> };
}

/** `GET /api/health`: of each part of the service, by its name. */
export type HealthNow = Readonly<Record<string, Health>>;

/** Contacts that the list of a day has at most. */
export const MOST = 400;

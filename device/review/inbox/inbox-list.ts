import type { By, Place, Stay } from '../../store/page/queue.ts';
import { stripOf } from '../../store/page/strips.ts';
import type { InboxClass, Strip } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import type { Who } from '../access/who.ts';
import { isBlind } from './blind.ts';
import { badCursor, cursorOf, numberIn, partsOf } from './cursor.ts';
import type { Inbox, InboxItem } from './schema.ts';

/** What began longer ago (ms) is not asked for any more: it is found by searching. */
const NINETY_DAYS = 90 * 86_400_000;

interface Asked {
  class?: InboxClass | undefined;
  by: 'anybody' | 'me';
  desk?: string | undefined;
  after?: string | undefined;
  limit: number;
}

/** A page of what waits to be reviewed, or of what was answered. `now`: Unix ms. @throws Refusal bad-cursor */
export function inboxOf(store: Store, asked: Asked, who: Who, now: number): Inbox {
  const { queue, answers } = store.reviews;
  const desk = asked.desk ?? null;
  const since = now - NINETY_DAYS;
  const by: By = asked.by === 'me' ? { accountId: who.accountId } : { anybody: true };
  const { found, next } =
    asked.class === 'answered' ? answered(store, asked, who, since) : queued(store, asked, by, since);
  return {
    left: { ...queue.left(by, since, desk), answered: answers.left(who.accountId, since, desk) },
    items: found.map((one) => itemOf(store, one, who)),
    next,
  };
}

interface PageOf {
  readonly found: readonly { readonly id: string; readonly class: InboxClass }[];
  readonly next: string | null;
}

function queued({ reviews }: Store, asked: Asked, by: By, since: number): PageOf {
  const { class: of, desk = null, limit } = asked;
  const found = reviews.queue.list(by, since, {
    ...{ of: of === undefined || of === 'answered' ? null : of, desk, limit },
    after: asked.after === undefined ? null : placeOf(asked.after),
  });
  const last = found.at(-1);
  const more = last && found.length === limit;
  return { found, next: more ? cursorOf(last.class, last.rank, last.startedWall, last.id) : null };
}

function answered({ reviews }: Store, asked: Asked, who: Who, since: number): PageOf {
  const { desk = null, limit } = asked;
  const found = reviews.answers.list(who.accountId, since, {
    ...{ desk, limit },
    after: asked.after === undefined ? null : numberIn(partsOf(asked.after, 1)[0]),
  });
  const last = found.at(-1);
  return {
    found: found.map(({ id }) => ({ id, class: 'answered' })),
    next: last && found.length === limit ? cursorOf(last.place) : null,
  };
}

function itemOf(store: Store, queued: { id: string; class: InboxClass }, who: Who): InboxItem {
  const { reviews } = store;
  const stay = reviews.queue.stay(queued.id);
  const blind = queued.class === 'sample' && isBlind(store, queued.id, who);
  return {
    ...{ id: queued.id, class: queued.class, blind, desk: stay.desk, startedAt: stay.startedAt },
    ...{ duration: stay.duration, clip: stay.clip },
    presses: blind ? [] : stay.presses,
    tag: blind ? null : stay.tag,
    tagSource: blind ? null : stay.tagSource,
    strip: blind ? null : stripFor(store, queued.id, stay),
    reviewers: reviews.marks(queued.id).map(({ account }) => account),
    answered: stay.answered,
  };
}

/** Contacts of a release that made no strips have their seconds still. */
function stripFor({ reviews, contacts }: Store, id: string, { scored, duration }: Stay): Strip | null {
  return reviews.strips.of(id) ?? (scored ? stripOf(contacts.timelines(id), duration) : null);
}

function placeOf(after: string): Place {
  const [of, rank, wall, id = ''] = partsOf(after, 4);
  if (of !== 'negative' && of !== 'hint' && of !== 'sample') throw badCursor();
  return { class: of, rank: numberIn(rank), startedWall: numberIn(wall), id };
}

import type { By, Place, Queued, Stay } from '../../store/page/queue.ts';
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

/** A page of what waits to be reviewed. `now`: Unix ms. @throws Refusal bad-cursor */
export function inboxOf(store: Store, asked: Asked, who: Who, now: number): Inbox {
  const { queue } = store.reviews;
  const by: By = asked.by === 'me' ? { accountId: who.accountId } : { anybody: true };
  const desk = asked.desk ?? null;
  const since = now - NINETY_DAYS;
  const found = queue.list(by, since, {
    ...{ of: asked.class ?? null, desk, limit: asked.limit },
    after: asked.after === undefined ? null : placeOf(asked.after),
  });
  const last = found.at(-1);
  return {
    left: queue.left(by, since, desk),
    items: found.map((queued) => itemOf(store, queued, who)),
    next:
      last && found.length === asked.limit
        ? cursorOf(last.class, last.rank, last.startedWall, last.id)
        : null,
  };
}

function itemOf(store: Store, queued: Queued, who: Who): InboxItem {
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

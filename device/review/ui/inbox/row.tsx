import type { InboxItem } from '../../inbox/schema.ts';
import { TagChip } from '../parts/tag.tsx';
import { clockTime, date, duration, shortDay, useWords } from '../words.ts';
import { Press } from './press.tsx';
import { PressStrip } from './press-strip.tsx';
import { INBOX } from './selected.ts';
import { Strip } from './strip.tsx';
import { inboxWords } from './words.ts';

const DAY: Intl.DateTimeFormatOptions = { dateStyle: 'short' };

/** One contact of the inbox: the whole row is the link to it. `now`: Unix ms. */
export function Row({ item, now, selected }: { item: InboxItem; now: number; selected: boolean }) {
  const t = useWords(inboxWords);
  const today = date(item.startedAt, DAY) === date(now, DAY);
  return (
    <li>
      <a
        class="inbox-row"
        href={`/contacts/${item.id}`}
        data-from={INBOX}
        data-id={item.id}
        data-selected={selected ? 'true' : undefined}
      >
        <span class="inbox-when">
          {!today && <span class="muted">{shortDay(item.startedAt)} </span>}
          <strong>{clockTime(item.startedAt)}</strong>
        </span>
        <span class="inbox-desk">{item.desk}</span>
        <span class="inbox-lasted">
          <span aria-hidden="true">{duration(item.duration)}</span>
          <span class="unseen">{t('lasted', { time: duration(item.duration) })}</span>
        </span>
        {item.blind ? (
          <span class="inbox-blind muted">{t('blind')}</span>
        ) : (
          <>
            <span class="inbox-presses">
              {item.presses.length === 0 && <span class="muted">{t('noPress')}</span>}
              {item.presses.map((press) => (
                <Press key={press.at} {...press} />
              ))}
            </span>
            <span>{item.tag !== null && <TagChip tag={item.tag} source={item.tagSource} />}</span>
            <span class="inbox-strip-cell">
              {item.strip ? (
                <Strip strip={item.strip} />
              ) : (
                item.presses.length > 0 && <PressStrip presses={item.presses} stay={item.duration} />
              )}
            </span>
          </>
        )}
        <span class="inbox-notes muted">
          {!item.clip && <span>{t('noClip')}</span>}
          {item.answered && <span class="chip warning">{t('hasAnswer')}</span>}
          {item.reviewers.length > 0 && <span>{t('reviewedBy', { who: item.reviewers.join(', ') })}</span>}
        </span>
      </a>
    </li>
  );
}

import type { Own, OwnItem } from '../../inbox/schema.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMore } from '../more.ts';
import { Notice } from '../parts/notice.tsx';
import { TagChip } from '../parts/tag.tsx';
import { clockTime, duration, shortDay, useWords } from '../words.ts';
import { ownWords } from './words.ts';

/** Newest first; older ones are asked for. */
export function OwnList() {
  const t = useWords(ownWords);
  const { data, error } = useLoaded<Own>('/api/own', { live: true });
  const { items, more, ...older } = useMore(
    '/api/own',
    data,
    (page) => page.items,
    ({ id }) => id,
  );
  const wrong = older.error ?? error;
  return (
    <>
      <h1>{t('title')}</h1>
      <p class="muted own-intro">{t('intro')}</p>
      {wrong && (
        <Notice kind="error">
          {wrong.code === 'no-pseudonym' ? t('noPseudonym') : t('failed', { why: reasonOf(wrong) })}
        </Notice>
      )}
      {data && items.length === 0 && <p>{t('empty')}</p>}
      {items.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        <section class="scroll" tabIndex={0} aria-label={t('title')}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t('time')}</th>
                <th scope="col">{t('desk')}</th>
                <th scope="col" class="number">
                  {t('duration')}
                </th>
                <th scope="col">{t('tag')}</th>
                <th scope="col">{t('state')}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <Row key={item.id} item={item} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {more && (
        <p class="own-more">
          <button type="button" onClick={more}>
            {t('more')}
          </button>
        </p>
      )}
    </>
  );
}

function Row({ item }: { item: OwnItem }) {
  const t = useWords(ownWords);
  return (
    <tr>
      <th scope="row" class="own-time">
        <a href={`/own/${item.id}`}>
          {shortDay(item.startedAt)}, {clockTime(item.startedAt)}
        </a>
      </th>
      <td>{item.desk}</td>
      <td class="number">{duration(item.duration)}</td>
      <td>
        <TagChip tag={item.tag} />
      </td>
      <td>
        <span class="row">
          {t(item.reviewed ? 'reviewed' : 'notReviewed')}
          {item.answered && <span class="chip">{t('answered')}</span>}
          {item.clip && <span class="chip">{t('hasClip')}</span>}
        </span>
      </td>
    </tr>
  );
}

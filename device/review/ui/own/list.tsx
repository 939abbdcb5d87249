import { useState } from 'preact/hooks';
import type { Own, OwnItem } from '../../inbox/schema.ts';
import { type ApiError, get } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Notice } from '../parts/notice.tsx';
import { clockTime, duration, shortDay, useWords } from '../words.ts';
import { ownWords } from './words.ts';

/** Newest first; older ones are asked for. */
export function OwnList() {
  const t = useWords(ownWords);
  const { data, error } = useLoaded<Own>('/api/own', { live: true });
  const [older, setOlder] = useState<Own | null>(null);
  const [failed, setFailed] = useState<ApiError | null>(null);
  // What has come meanwhile has pushed some of the first page to where the older ones begin.
  const first = data?.items ?? [];
  const known = new Set(first.map(({ id }) => id));
  const items = [...first, ...(older?.items ?? []).filter(({ id }) => !known.has(id))];
  const next = older ? older.next : (data?.next ?? null);
  const more = () =>
    get<Own>(`/api/own?after=${encodeURIComponent(next ?? '')}`).then(
      (page) => {
        setFailed(null);
        setOlder({ items: [...(older?.items ?? first), ...page.items], next: page.next });
      },
      (why: ApiError) => setFailed(why),
    );
  const wrong = failed ?? error;
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
      {next !== null && (
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
        <span class={`chip ${item.tag}`}>{t(item.tag)}</span>
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

import { useState } from 'preact/hooks';
import type { CaseList } from '../../cases/schema.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMore } from '../more.ts';
import { Notice } from '../parts/notice.tsx';
import { number, shortDay, useWords } from '../words.ts';
import { caseWords } from './words.ts';

/** All cases, newest first. */
export function CaseListPage() {
  const t = useWords(caseWords);
  const [open, setOpen] = useState(true);
  const path = `/api/cases?open=${open}`;
  const { data, error } = useLoaded<CaseList>(path);
  const { items, more, ...further } = useMore(
    path,
    data,
    ({ cases }) => cases,
    ({ id }) => id,
  );
  const wrong = further.error ?? error;
  return (
    <>
      <h1>{t('cases')}</h1>
      <p class="muted cases-note">{t('intro')}</p>
      <p>
        <label class="row">
          <input type="checkbox" checked={open} onChange={(event) => setOpen(event.currentTarget.checked)} />
          {t('openOnly')}
        </label>
      </p>
      {wrong && <Notice kind="error">{t('failed', { why: reasonOf(wrong) })}</Notice>}
      {data && items.length === 0 && <p role="status">{t('none')}</p>}
      {items.length > 0 && (
        <div class="card scroll">
          <table>
            <caption class="unseen">{t('cases')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('title')}</th>
                <th scope="col">{t('opened')}</th>
                <th scope="col">{t('closed')}</th>
                <th scope="col" class="number">
                  {t('contacts')}
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <td>
                    <a href={`/cases/${one.id}`}>{one.title}</a>
                  </td>
                  <td>{t('by', { who: one.openedBy, when: shortDay(one.openedAt) })}</td>
                  <td>
                    {one.closedAt === null
                      ? t('stillOpen')
                      : t('by', { who: one.closedBy ?? '', when: shortDay(one.closedAt) })}
                  </td>
                  <td class="number">{number(one.contacts)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {more && (
        <p>
          <button type="button" onClick={more}>
            {t('more')}
          </button>
        </p>
      )}
    </>
  );
}

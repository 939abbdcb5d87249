import { useState } from 'preact/hooks';
import type { CaseRecord } from '../../../store/page/cases.ts';
import type { CaseList } from '../../cases/schema.ts';
import { get } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Notice } from '../parts/notice.tsx';
import { number, shortDay, useWords } from '../words.ts';
import { caseWords } from './words.ts';

/** All cases, newest first. */
export function CaseListPage() {
  const t = useWords(caseWords);
  const [open, setOpen] = useState(true);
  const path = `/api/cases?open=${open}`;
  const { data, error } = useLoaded<CaseList>(path);
  const [further, setFurther] = useState<{
    path: string;
    cases: readonly CaseRecord[];
    next: string | null;
  }>();
  const shown = further?.path === path ? further : { cases: [], next: data?.next ?? null };
  const cases = [...(data?.cases ?? []), ...shown.cases];
  const more = async () => {
    const answer = await get<CaseList>(`${path}&after=${shown.next}`).catch(() => null);
    if (answer) setFurther({ path, cases: [...shown.cases, ...answer.cases], next: answer.next });
  };
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
      {error && <Notice kind="error">{t('failed', { why: reasonOf(error) })}</Notice>}
      {data && cases.length === 0 && <p role="status">{t('none')}</p>}
      {cases.length > 0 && (
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
              {cases.map((one) => (
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
      {shown.next !== null && (
        <p>
          <button type="button" onClick={() => void more()}>
            {t('more')}
          </button>
        </p>
      )}
    </>
  );
}

import type { LogNames, LogPage } from '../../log/schema.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { useMore } from '../more.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { go, useAddress } from '../router.ts';
import { shellWords } from '../shell-words.ts';
import { useWords } from '../words.ts';
import { actionOf, actionWords } from './action-words.ts';
import { Entries } from './entries.tsx';
import { Verify } from './verify.tsx';
import { logWords } from './words.ts';
import './log.css';

const FILTERS = ['from', 'to', 'account', 'action'] as const;

/** Who did what. The filters stand in the address, so that a list can be shared and comes back. */
export default function Log() {
  const t = useWords(logWords);
  const s = useWords(shellWords);
  const a = useWords(actionWords);
  const { searchParams } = useAddress();
  const query = new URLSearchParams();
  for (const name of FILTERS) {
    const value = searchParams.get(name);
    if (value) query.set(name, value);
  }
  const path = `/api/log?${query}`;
  const { data, error, reload } = useLoaded<LogPage>(path);
  const names = useLoaded<LogNames>('/api/log/names').data;
  const { items, more, ...further } = useMore(
    path,
    data,
    (page) => page.items,
    ({ place }) => place,
  );
  const choose = (name: (typeof FILTERS)[number], value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    go(`/log?${next}`, { replace: true });
  };
  const day = (name: 'from' | 'to') => (
    <Field label={t(name)}>
      <input
        type="date"
        value={query.get(name) ?? ''}
        onChange={(event) => choose(name, event.currentTarget.value)}
      />
    </Field>
  );
  const select = (
    name: 'account' | 'action',
    all: string,
    known: readonly string[],
    word = (x: string) => x,
  ) => (
    <Field label={t(name)}>
      <select value={query.get(name) ?? ''} onChange={(event) => choose(name, event.currentTarget.value)}>
        <option value="">{all}</option>
        {known.map((value) => (
          <option key={value} value={value}>
            {word(value)}
          </option>
        ))}
      </select>
    </Field>
  );
  return (
    <div class="log">
      <h1>{t('title')}</h1>
      <p class="muted log-about">{t('about')}</p>
      <div class="row log-filters no-print">
        {day('from')}
        {day('to')}
        {select('account', t('anybody'), names?.accounts ?? [])}
        {select('action', t('anything'), names?.actions ?? [], (action) => actionOf(a, action))}
        <a class="button log-export" href={`/api/log/export?${query}`} download>
          {t('export')}
        </a>
      </div>
      <Verify />
      {error && (
        <Notice kind="error">
          {s('failed', { why: reasonOf(error) })}{' '}
          <button type="button" onClick={reload}>
            {s('again')}
          </button>
        </Notice>
      )}
      {further.error && <Notice kind="error">{s('failed', { why: reasonOf(further.error) })}</Notice>}
      {data && <Entries items={items} />}
      {data && (
        <p class="row">
          <span class="muted" role="status">
            {items.length === 0 ? t('none') : t('shown', { n: items.length })}
          </span>
          {more && (
            <button type="button" onClick={more}>
              {t('more')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

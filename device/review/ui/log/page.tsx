import { useEffect, useState } from 'preact/hooks';
import type { LogItem, LogNames, LogPage } from '../../log/schema.ts';
import { type ApiError, get } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
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
  const more = useMore(path, data);
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
      {more.error && <Notice kind="error">{s('failed', { why: reasonOf(more.error) })}</Notice>}
      {data && <Entries items={more.items} />}
      {data && (
        <p class="row">
          <span class="muted" role="status">
            {more.items.length === 0 ? t('none') : t('shown', { n: more.items.length })}
          </span>
          {more.load && (
            <button type="button" onClick={more.load}>
              {t('more')}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** The first page, and those that were asked for after it. */
function useMore(path: string, first: LogPage | null) {
  const [rest, set] = useState<LogPage>({ items: [], next: null });
  const [error, fail] = useState<ApiError | null>(null);
  useEffect(() => {
    set({ items: [], next: first?.next ?? null });
    fail(null);
  }, [first]);
  const items: LogItem[] = [...(first?.items ?? []), ...rest.items];
  const { next } = rest;
  const load = () => {
    get<LogPage>(`${path}&after=${next}`).then(
      (page) =>
        set((before) =>
          before.next === next ? { items: [...before.items, ...page.items], next: page.next } : before,
        ),
      fail,
    );
  };
  return { items, error, load: next === null ? null : load };
}

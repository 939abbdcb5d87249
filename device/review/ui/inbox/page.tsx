import './inbox.css';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { InboxItem } from '../../inbox/schema.ts';
import { reasonOf } from '../error-words.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { go } from '../router.ts';
import { useWords } from '../words.ts';
import { Filters } from './filters.tsx';
import { type Shortcuts, useKeys } from './keys.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { undoLastReview } from './last-review.ts';
import { CLASSES, type Filter, leftIn, storedFilter, storeFilter, useQueue } from './queue.ts';
import { Reviewed } from './reviewed.tsx';
import { Row } from './row.tsx';
import { INBOX, SELECTED } from './selected.ts';
import { useStayPut } from './stay-put.ts';
import { useTabTitle } from './tab-title.ts';
import { inboxWords } from './words.ts';

/** What is still to be reviewed: negative contacts, those that models suspect, a blind sample; asked for by name: what was answered. */
export default function InboxPage(_props: PageProps) {
  const t = useWords(inboxWords);
  const [filter, setFilter] = useState(storedFilter);
  const [selected, setSelected] = useState(() => sessionStorage.getItem(SELECTED));
  const [failed, setFailed] = useState<string | null>(null);
  const [showKeys, setShowKeys] = useState(false);
  const { inbox, error, more, reload } = useQueue(filter);
  const list = useRef<HTMLDivElement>(null);
  const rowOf = (id: string | null) =>
    id === null ? null : (list.current?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`) ?? null);
  useStayPut(() => rowOf(selected));
  useTabTitle(inbox && t('left', { n: leftIn(inbox, filter) }), t('title'));

  const choose = (id: string) => {
    sessionStorage.setItem(SELECTED, id);
    setSelected(id);
  };
  const items = inbox?.items ?? [];
  const move = (step: 1 | -1) => {
    const place = items.findIndex(({ id }) => id === selected);
    const next = items[place === -1 ? 0 : place + step];
    if (next) rowOf(next.id)?.focus();
  };
  // Somebody who comes back from a contact goes on where they were.
  const shown = inbox !== null;
  useEffect(() => {
    if (document.activeElement === document.body) rowOf(selected)?.focus();
  }, [shown]);

  const undo = async () => {
    setFailed(null);
    try {
      if ((await undoLastReview()) !== null) reload();
    } catch (why) {
      setFailed(reasonOf(why));
    }
  };
  const open = () => {
    if (selected !== null && rowOf(selected)) go(`/contacts/${selected}`, { from: INBOX });
  };
  const shortcuts: Shortcuts = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    o: open,
    Enter: open,
    u: () => void undo(),
    '?': () => setShowKeys(true),
  };
  useKeys(shortcuts);
  const change = (to: Filter) => {
    storeFilter(to);
    setFilter(to);
  };
  return (
    <>
      <div class="inbox-head">
        <h1>
          {t('title')}{' '}
          {inbox && <span class="muted inbox-left">{t('left', { n: leftIn(inbox, filter) })}</span>}
        </h1>
        <button type="button" onClick={() => setShowKeys(true)} aria-keyshortcuts="?">
          {t('keys')}
        </button>
      </div>
      <Filters filter={filter} inbox={inbox} desks={useDesks(items, filter.desk)} onChange={change} />
      <Reviewed onUndo={() => void undo()} />
      {failed !== null && <Notice kind="error">{t('notUndone', { why: failed })}</Notice>}
      {error && <Notice kind="error">{reasonOf(error)}</Notice>}
      {inbox && items.length === 0 && <p class="card inbox-none">{t('none')}</p>}
      <div
        class="inbox-list"
        ref={list}
        onFocusIn={(event: FocusEvent) => {
          const id = (event.target as HTMLElement).dataset.id;
          if (id) choose(id);
        }}
      >
        {CLASSES.map((kind) => (
          <Group key={kind} kind={kind} items={items} selected={selected} />
        ))}
        {inbox && inbox.next !== null && (
          <button type="button" onClick={more}>
            {t('more')}
          </button>
        )}
      </div>
      {showKeys && <KeysDialog onClose={() => setShowKeys(false)} />}
    </>
  );
}

function Group({
  kind,
  items,
  selected,
}: {
  kind: InboxItem['class'];
  items: readonly InboxItem[];
  selected: string | null;
}) {
  const t = useWords(inboxWords);
  const own = items.filter((item) => item.class === kind);
  if (own.length === 0) return null;
  return (
    <section class="inbox-group" aria-labelledby={`inbox-${kind}`}>
      <div class="row">
        <h2 id={`inbox-${kind}`}>{t(kind)}</h2>
        <p class="muted">{t(`${kind}About`)}</p>
      </div>
      <ul>
        {own.map((item) => (
          <Row key={item.id} item={item} now={Date.now()} selected={item.id === selected} />
        ))}
      </ul>
    </section>
  );
}

/** Desks seen so far: a filter does not take away what else could be chosen. */
function useDesks(items: readonly InboxItem[], chosen: string | null): string[] {
  const seen = useRef(new Set<string>());
  for (const { desk } of items) seen.current.add(desk);
  if (chosen !== null) seen.current.add(chosen);
  return [...seen.current].sort();
}

import './contact.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Causes, ContactPage } from '../../inbox/schema.ts';
import { get, remove } from '../api.ts';
import { reasonOf } from '../error-words.ts';
import { useKeys } from '../inbox/keys.ts';
import { KeysDialog } from '../inbox/keys-dialog.tsx';
import { setLastReview, undoLastReview } from '../inbox/last-review.ts';
import { Reviewed } from '../inbox/reviewed.tsx';
import { useTabTitle } from '../inbox/tab-title.ts';
import { inboxWords } from '../inbox/words.ts';
import { useLoaded } from '../load.ts';
import { useMay, useMe } from '../me.ts';
import type { PageProps } from '../pages.ts';
import { Notice } from '../parts/notice.tsx';
import { tagWords } from '../parts/tag-words.ts';
import { go } from '../router.ts';
import { clockTime, shortDay, useWords } from '../words.ts';
import { Facts } from './facts.tsx';
import { More } from './more.tsx';
import { revealed } from './reveal.ts';
import { ReviewForm } from './review-form.tsx';
import { reviewWords } from './review-words.ts';
import { Screen } from './screen.tsx';
import { goBack, goToContact, markDone, markUndone, useWay, type Way } from './way.ts';
import { contactWords } from './words.ts';

/** Whether it will still change by itself: somebody is there, or the clip is not yet cut. */
const isOpen = ({ contact }: ContactPage) => contact.state !== 'settled' || contact.clip === null;

/** One contact: its clip, what is known of it, and its review. */
export default function ContactPageView({ params: { id = '' } }: PageProps) {
  const t = useWords(contactWords);
  const i = useWords(inboxWords);
  // Each look is written down in the log: it is looked at again only while there is something to wait for.
  const { data, error, reload } = useLoaded<ContactPage>(`/api/contacts/${id}`, { live: isOpen });
  // Once for all that are looked at: whoever types faster than they are loaded would choose none.
  const { data: causes } = useLoaded<Causes>('/api/causes');
  const way = useWay(id, data);
  const [failed, setFailed] = useState<string | null>(null);
  const [showKeys, setShowKeys] = useState(false);
  const which = data && `${shortDay(data.contact.startedAt)} ${clockTime(data.contact.startedAt)}`;
  const unknown = error?.status === 404 && !data;
  const title =
    which && data ? t('heading', { time: which, desk: data.contact.desk }) : unknown ? t('unknown') : '';
  useTabTitle(way.left === null ? null : t('left', { n: way.left }), title);
  const undo = async () => {
    setFailed(null);
    let back: string | null;
    try {
      back = await undoLastReview();
    } catch (why) {
      setFailed(reasonOf(why));
      return;
    }
    if (back === null) return;
    markUndone(back);
    if (back === id) reload();
    else goToContact(back);
  };
  useKeys({
    n: () => way.after && goToContact(way.after),
    b: () => way.before && goToContact(way.before),
    u: () => void undo(),
    Escape: goBack,
    '?': () => setShowKeys(true),
  });
  return (
    <>
      <Head title={title} way={way} onKeys={() => setShowKeys(true)} id={id}>
        {data && <More key={id} page={data} reload={reload} onErased={goBack} />}
      </Head>
      <Reviewed onUndo={() => void undo()} />
      {failed !== null && <Notice kind="error">{i('notUndone', { why: failed })}</Notice>}
      {error && !unknown && <Notice kind="error">{reasonOf(error)}</Notice>}
      {data && <Contact key={id} {...{ page: data, causes, way, title, reload }} />}
      {showKeys && <KeysDialog onClose={() => setShowKeys(false)} />}
    </>
  );
}

function Head({
  title,
  way,
  id,
  onKeys,
  children,
}: {
  title: string;
  way: Way;
  id: string;
  onKeys: () => void;
  children: ComponentChildren;
}) {
  const t = useWords(contactWords);
  const heading = useRef<HTMLHeadingElement>(null);
  // Who reads by ear is told where they have come to.
  useEffect(() => {
    if (title !== '') heading.current?.focus({ preventScroll: true });
  }, [id, title === '']);
  return (
    <div class="row contact-head">
      <button type="button" onClick={goBack} aria-keyshortcuts="Escape">
        <span aria-hidden="true">←</span> {t('back')}
      </button>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <button
        type="button"
        disabled={way.before === null}
        onClick={() => way.before && goToContact(way.before)}
        aria-keyshortcuts="b"
      >
        {t('previous')}
      </button>
      <button
        type="button"
        disabled={way.after === null}
        onClick={() => way.after && goToContact(way.after)}
        aria-keyshortcuts="n"
      >
        {t('next')}
      </button>
      <button type="button" onClick={onKeys} aria-keyshortcuts="?">
        {t('keys')}
      </button>
      {children}
    </div>
  );
}

function Contact({
  page,
  causes,
  way,
  title,
  reload,
}: {
  page: ContactPage;
  causes: Causes | null;
  way: Way;
  title: string;
  reload: () => void;
}) {
  const r = useWords(reviewWords);
  const tags = useWords(tagWords);
  const may = useMay();
  const { account } = useMe();
  const { contact, blind } = page;
  const [failed, setFailed] = useState<string | null>(null);
  const mine = page.reviews.some((review) => review.account === account?.name);
  const putBack = async () => {
    setFailed(null);
    try {
      await remove(`/api/contacts/${contact.id}/review/done`);
    } catch (why) {
      setFailed(reasonOf(why));
      return;
    }
    markUndone(contact.id);
    reload();
  };
  const done = async () => {
    markDone(contact.id);
    const seen = blind ? await get<ContactPage>(`/api/contacts/${contact.id}`).catch(() => null) : null;
    setLastReview({ contactId: contact.id, which: title, revealed: seen && revealed(seen, r, tags) });
    if (!way.inInbox) reload();
    else if (way.after) goToContact(way.after);
    else go('/inbox', { replace: true });
  };
  return (
    <div class="contact-page">
      <div class="contact-main">
        {blind && (
          <Notice kind="info">
            <strong>{r('blindTitle')}.</strong> {r('blind')}
          </Notice>
        )}
        {mine && !blind && page.class === 'sample' && <Notice kind="info">{revealed(page, r, tags)}</Notice>}
        {mine && may('reviews:write') && (
          <div>
            <button type="button" onClick={() => void putBack()}>
              {r('putBack')}
            </button>
            {failed !== null && <Notice kind="error">{r('notPutBack', { why: failed })}</Notice>}
          </div>
        )}
        <Screen page={page} reload={reload} />
      </div>
      <div class="contact-side">
        {may('reviews:write') ? (
          <ReviewForm {...{ page, causes, reload }} more={way.inInbox && way.after !== null} onDone={done} />
        ) : (
          <p class="card muted">{r('readOnly')}</p>
        )}
        <Facts page={page} />
      </div>
    </div>
  );
}

import { useRef } from 'preact/hooks';
import type { Causes as AllCauses, ContactPage } from '../../inbox/schema.ts';
import { causeNames } from '../causes/name.ts';
import { useKeys } from '../inbox/keys.ts';
import { useMay } from '../me.ts';
import { Field } from '../parts/field.tsx';
import { Notice } from '../parts/notice.tsx';
import { tagWords } from '../parts/tag-words.ts';
import { fullTime, useWords } from '../words.ts';
import { Causes } from './causes.tsx';
import type { Draft } from './draft.ts';
import { Measures } from './measures.tsx';
import { reviewWords } from './review-words.ts';
import { useWriting } from './writing.ts';

const TAGS = ['positive', 'neutral', 'negative', null] as const;
const KEYS = ['1', '2', '3', '0'] as const;
/** Where nobody was shown what was pressed, or nothing was: only what the reviewer says counts. */
const UNSEEN: readonly ContactPage['class'][] = ['hint', 'sample'];

/** The review: how it was, why, what to say and to do about it. `onDone`: it is saved. */
export function ReviewForm({
  page,
  causes,
  reload,
  more,
  onDone,
}: {
  page: ContactPage;
  /** All that there are; null: they are being loaded. */
  causes: AllCauses | null;
  reload: () => void;
  /** There is another one to go to. */
  more: boolean;
  onDone: () => Promise<void>;
}) {
  const t = useWords(reviewWords);
  const tags = useWords(tagWords);
  const may = useMay();
  const writing = useWriting(page, reload);
  const cause = useRef<HTMLInputElement>(null);
  const comment = useRef<HTMLTextAreaElement>(null);
  const { now } = writing;
  const tag = (to: Draft['tag']) => () => writing.change({ tag: to });
  const mustChoose = UNSEEN.includes(page.class);
  const missing = mustChoose && now.tag === null;
  const done = async () => {
    if (missing) return;
    if (await writing.save()) await onDone();
  };
  useKeys({
    1: tag('positive'),
    2: tag('neutral'),
    3: tag('negative'),
    ...(mustChoose ? {} : { 0: tag(null) }),
    c: () => cause.current?.focus(),
    t: () => comment.current?.focus(),
    d: () => void done(),
    'Ctrl+Enter': () => void done(),
  });
  return (
    <form
      class="card contact-review"
      aria-labelledby="contact-review"
      onSubmit={(event) => {
        event.preventDefault();
        void done();
      }}
    >
      <h2 id="contact-review">{t('review')}</h2>
      {page.review && (
        <p class="muted">{t('reviewedBy', { who: page.review.reviewer, when: fullTime(page.review.at) })}</p>
      )}
      {writing.overtaken && <Theirs page={page} all={causes} writing={writing} />}
      <fieldset class="contact-tags">
        <legend>{t('yourTag')}</legend>
        {TAGS.filter((one) => one !== null || !mustChoose).map((one, place) => (
          <label key={one} class={one ?? 'unrated'}>
            <input
              type="radio"
              name="tag"
              checked={now.tag === one}
              aria-keyshortcuts={KEYS[place]}
              onChange={tag(one)}
            />
            {one ? tags(one) : t('asPressed')}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>{t('causes')}</legend>
        <Causes
          all={causes}
          chosen={now.causes}
          field={cause}
          onChange={(chosen) => writing.change({ causes: chosen })}
        />
      </fieldset>
      <Field label={t('comment')}>
        <textarea
          ref={comment}
          rows={3}
          maxLength={4000}
          aria-keyshortcuts="t"
          value={now.comment}
          onInput={(event) => writing.change({ comment: event.currentTarget.value })}
        />
      </Field>
      {page.review?.answer && (
        <div class="contact-answer">
          <h3>{t('answer')}</h3>
          <p>{page.review.answer.text}</p>
          <p class="muted">
            {t('answeredBy', { by: page.review.answer.by, when: fullTime(page.review.answer.at) })}
          </p>
        </div>
      )}
      {may('reports:write') && <Measures contact={page.contact} causes={now.causes} />}
      {writing.failed !== null && <Notice kind="error">{t('reviewFailed', { why: writing.failed })}</Notice>}
      <div class="row contact-done">
        <button
          type="submit"
          class="primary"
          disabled={writing.saving || missing}
          aria-keyshortcuts="d Control+Enter"
          aria-describedby={missing ? 'contact-missing' : undefined}
        >
          {t(writing.saving ? 'working' : more ? 'done' : 'doneHere')}
        </button>
        {missing && (
          <span class="muted" id="contact-missing">
            {t('tagNeeded')}
          </span>
        )}
        {writing.unsaved && !writing.saving && <span class="muted">{t('draft')}</span>}
      </div>
    </form>
  );
}

/** What somebody else has said meanwhile, beside what is written here. */
function Theirs({
  page: { review },
  all,
  writing,
}: {
  page: ContactPage;
  all: AllCauses | null;
  writing: ReturnType<typeof useWriting>;
}) {
  const t = useWords(reviewWords);
  const tags = useWords(tagWords);
  if (!review) return null;
  const names = review.causes.map(causeNames(all?.causes));
  return (
    <div class="notice warning contact-theirs" role="alert">
      <p>{t('changed', { who: review.reviewer })}</p>
      <p>
        {t('theirs', {
          tag: review.tag ? tags(review.tag) : t('asPressed'),
          causes: names.join(', ') || t('nothing'),
          comment: review.comment || t('nothing'),
        })}
      </p>
      <div class="row">
        <button type="button" onClick={writing.takeTheirs}>
          {t('takeTheirs')}
        </button>
        <button type="button" onClick={writing.keepMine}>
          {t('keepMine')}
        </button>
      </div>
    </div>
  );
}

import { useEffect } from 'preact/hooks';
import type { OwnContact } from '../../inbox/schema.ts';
import { causeName } from '../causes/name.ts';
import { reasonOf } from '../error-words.ts';
import { useLoaded } from '../load.ts';
import { Notice } from '../parts/notice.tsx';
import { TagChip } from '../parts/tag.tsx';
import { tagWords } from '../parts/tag-words.ts';
import { duration, fullTime, useWords } from '../words.ts';
import { Answer } from './answer.tsx';
import { OwnPlayer } from './player.tsx';
import { ownWords } from './words.ts';

/** One contact with its clip, what the review says of it, and the answer to that. */
export function OwnContactView({ id }: { id: string }) {
  const t = useWords(ownWords);
  const { data: contact, error, reload } = useLoaded<OwnContact>(`/api/own/${id}`);
  const title = t('contactOf', { time: contact ? fullTime(contact.startedAt) : '…' });
  useEffect(() => {
    document.title = `${title} · Contact Analyzer`;
  }, [title]);
  return (
    <>
      <p>
        <a href="/own">← {t('back')}</a>
      </p>
      <h1>{error?.status === 404 ? t('title') : title}</h1>
      {error && (
        <Notice kind={error.status === 404 ? 'warning' : 'error'}>
          {error.status === 404
            ? t('unknown')
            : error.code === 'no-pseudonym'
              ? t('noPseudonym')
              : t('failed', { why: reasonOf(error) })}
        </Notice>
      )}
      {contact && (
        <div class="own-contact">
          <section class="card" aria-label={t('clip')}>
            {contact.clip ? <OwnPlayer contact={contact} /> : <p class="muted">{t('noClip')}</p>}
            <Facts contact={contact} />
          </section>
          <section class="card own-review">
            <h2>{t('review')}</h2>
            {contact.review ? <Said contact={contact} /> : <p class="muted">{t('waits')}</p>}
            {contact.review && <Answer contact={contact} onSent={reload} />}
          </section>
        </div>
      )}
    </>
  );
}

function Facts({ contact }: { contact: OwnContact }) {
  const t = useWords(ownWords);
  const tags = useWords(tagWords);
  return (
    <dl class="own-facts">
      <dt>{t('desk')}</dt>
      <dd>{contact.desk}</dd>
      <dt>{t('duration')}</dt>
      <dd>{duration(contact.duration)}</dd>
      <dt>{t('tag')}</dt>
      <dd>
        <TagChip tag={contact.tag} source={contact.tagSource} />
      </dd>
      <dt>{t('pressed', { n: contact.presses.length })}</dt>
      <dd>
        {contact.presses.map((press) => (
          <div key={press.at}>
            {t('pressAt', {
              ...{
                at: duration(Math.max(0, press.at)),
                rating: press.rating ?? '?',
                tag: tags(press.tag).toLowerCase(),
              },
            })}
          </div>
        ))}
      </dd>
    </dl>
  );
}

function Said({ contact: { review } }: { contact: OwnContact }) {
  const t = useWords(ownWords);
  if (!review) return null;
  return (
    <>
      <p class="muted">{t('reviewedAt', { at: fullTime(review.at) })}</p>
      <h3>{t('causes')}</h3>
      {review.causes.length === 0 ? (
        <p class="muted">{t('noCauses')}</p>
      ) : (
        <ul>
          {review.causes.map((cause) => (
            <li key={cause.id}>{causeName(cause)}</li>
          ))}
        </ul>
      )}
      <h3>{t('comment')}</h3>
      {review.comment === '' ? (
        <p class="muted">{t('noComment')}</p>
      ) : (
        <p class="own-text">{review.comment}</p>
      )}
    </>
  );
}

import type { TodayContact } from '../../today/today.ts';
import { useMay } from '../me.ts';
import { TagChip } from '../parts/tag.tsx';
import { date, duration, type Translate, useWords } from '../words.ts';
import { words } from './words.ts';

type T = Translate<(typeof words)['en']>;

/** The contacts of the day, newest first. `now`: the device's time, Unix ms. */
export function ContactList({ contacts, now }: { contacts: readonly TodayContact[]; now: number }) {
  const t = useWords(words);
  if (contacts.length === 0) return <p class="muted">{t('none')}</p>;
  return (
    <div class="scroll">
      <table class="today-list">
        <caption class="unseen">{t('contacts')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            <th scope="col">{t('desk')}</th>
            <th scope="col" class="number">
              {t('lasted')}
            </th>
            <th scope="col">{t('tag')}</th>
            <th scope="col">{t('presses')}</th>
            <th scope="col">{t('clip')}</th>
            <th scope="col">{t('remarks')}</th>
          </tr>
        </thead>
        <tbody>
          {contacts.map((contact) => (
            <Row key={contact.id} contact={contact} now={now} t={t} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({ contact, now, t }: { contact: TodayContact; now: number; t: T }) {
  const may = useMay();
  const { id, startedAt, state, desk, tag, tagSource } = contact;
  const time = date(startedAt, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const lasted = contact.duration ?? Math.max(0, now - Date.parse(startedAt));
  const counted = state === 'open' || contact.served;
  return (
    <tr data-id={id} class={counted ? undefined : 'today-short'}>
      <th scope="row">{may('contacts:read') ? <a href={`/contacts/${id}`}>{time}</a> : time}</th>
      <td>{desk}</td>
      <td class="number">{duration(lasted)}</td>
      <td>
        {state === 'open' && tag === 'unrated' ? (
          <span class="chip today-open">{t('open')}</span>
        ) : (
          <TagChip tag={tag} source={tagSource === 'reviewer' ? tagSource : null} />
        )}
      </td>
      <td>
        {contact.presses.map((press, place) => (
          <Press key={place} press={press} t={t} />
        ))}
      </td>
      <td>{clipWord(contact, t)}</td>
      <td class="muted">{remarks(contact, t)}</td>
    </tr>
  );
}

function Press({ press: { rating, tag, flags }, t }: { press: TodayContact['presses'][number]; t: T }) {
  const flagged = flags.length > 0;
  return (
    <span class={`chip today-press ${tag}${flagged ? ' today-flagged' : ''}`}>
      {rating ?? <span title={t('unknownButton')}>?</span>}
      {flagged && <span class="unseen"> ({t('flagged')})</span>}
    </span>
  );
}

function clipWord({ clip, veto }: TodayContact, t: T): string {
  if (veto) return t('vetoed');
  if (!clip) return '';
  if (clip.state === 'ready') return t(clip.mediaType?.startsWith('video/') ? 'video' : 'sound');
  if (clip.state === 'failed') return t(clip.reason === 'paused' ? 'clipPaused' : 'failed');
  return t(clip.reason === 'not-kept' ? 'notKept' : 'deleted');
}

/** What is out of the ordinary about a contact. */
function remarks({ state, served, endReason, clock }: TodayContact, t: T): string {
  return [
    state !== 'open' && !served ? t('short') : null,
    endReason && endReason !== 'departed' ? t(endReason) : null,
    clock === 'trusted' ? null : t(clock),
  ]
    .filter((remark) => remark !== null)
    .join(' · ');
}

import type { ComponentChildren } from 'preact';
import type { ScoreRecord } from '../../../store/records.ts';
import type { ContactPage } from '../../inbox/schema.ts';
import { TagChip } from '../parts/tag.tsx';
import { tagWords } from '../parts/tag-words.ts';
import { duration, fullTime, percent, shortDay, useWords } from '../words.ts';
import { factWords } from './fact-words.ts';
import { moreWords } from './more-words.ts';
import { timelineWords } from './timeline-words.ts';

/** What is known of a contact beside its clip. */
export function Facts({ page }: { page: ContactPage }) {
  const t = useWords(factWords);
  const { contact, blind, held, openings } = page;
  const manifest = contact.clip?.manifest;
  const clipNotes = [
    manifest && manifest.gaps.length > 0 && t('gaps', { n: manifest.gaps.length }),
    manifest?.recovered && t('recovered'),
  ].filter((note) => typeof note === 'string');
  return (
    <section class="card contact-facts" aria-labelledby="contact-facts">
      <h2 id="contact-facts">{t('facts')}</h2>
      <dl>
        <Fact name={t('arrived')}>{fullTime(contact.startedAt)}</Fact>
        <Fact name={t('lasted')}>
          {contact.duration === null ? t('stillThere') : duration(contact.duration)}
        </Fact>
        {contact.endReason && <Fact name={t('ended')}>{t(`end.${contact.endReason}`)}</Fact>}
        {contact.state !== 'open' && !contact.served && <Fact name={t('served')}>{t('notServed')}</Fact>}
        {!blind && <Presses contact={contact} />}
        {!blind && (
          <Fact name={t('tag')}>
            <TagChip tag={contact.tag} source={contact.tagSource} />
          </Fact>
        )}
        {contact.receptionist !== null && <Fact name={t('receptionist')}>{contact.receptionist}</Fact>}
        {contact.clock !== 'trusted' && <Fact name={t('clock')}>{t(`clock.${contact.clock}`)}</Fact>}
        {clipNotes.length > 0 && <Fact name={t('record')}>{clipNotes.join(', ')}</Fact>}
        {openings.length > 0 && <Openings openings={openings} />}
        {held && (
          <Fact name={t('held')}>{t('heldUntil', { day: shortDay(held.until), reason: held.reason })}</Fact>
        )}
        {!blind && contact.hint && <Models page={page} />}
      </dl>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Who wanted to see the clip though nobody complained, and why. */
function Openings({ openings }: Pick<ContactPage, 'openings'>) {
  const t = useWords(factWords);
  const m = useWords(moreWords);
  return (
    <Fact name={t('opened')}>
      <ul>
        {openings.map(({ at, account, reason, text }) => (
          <li key={`${at} ${account}`}>
            {fullTime(at)}, {account ?? '–'}: {m(`reason.${reason}`)}
            {text !== '' && ` – ${text}`}
          </li>
        ))}
      </ul>
    </Fact>
  );
}

function Presses({ contact: { presses, startedAt } }: { contact: ContactPage['contact'] }) {
  const t = useWords(factWords);
  const tl = useWords(timelineWords);
  const tags = useWords(tagWords);
  if (presses.length === 0) return <Fact name={t('presses')}>–</Fact>;
  return (
    <Fact name={t('presses')}>
      <ul>
        {presses.map(({ id, time, rating, tag, flags }) => (
          <li key={id}>
            {tl('press', { rating: rating ?? '?', tag: tags(tag).toLowerCase() })},{' '}
            {t('pressAt', { at: duration(Math.max(0, Date.parse(time) - Date.parse(startedAt))) })}
            {flags.length > 0 && (
              <span class="muted"> ({flags.map((flag) => t(`flag.${flag}`)).join(', ')})</span>
            )}
          </li>
        ))}
      </ul>
    </Fact>
  );
}

/** What the models say, in words that do not take it for more than it is. */
function Models({ page: { contact } }: { page: ContactPage }) {
  const t = useWords(factWords);
  const tl = useWords(timelineWords);
  const said = (score: ScoreRecord) =>
    score.kind === 'face'
      ? t('faceSays', {
          share: percent(score.summary.coverage),
          verdict: tl(`legend.${score.summary.verdict}`),
        })
      : t('soundSays', { share: percent(score.summary.speech), n: Math.round(score.summary.raised) });
  return (
    <Fact name={t('model')}>
      {t(contact.hint?.kind ? 'suspected' : 'unsuspected')}
      <ul>
        {contact.scores.map((score) => (
          <li key={score.kind}>
            {said(score)}{' '}
            <span class="muted">
              ({score.models.map(({ id, version }) => `${id} ${version}`).join(', ')})
            </span>
          </li>
        ))}
      </ul>
      <span class="muted">{tl('estimates')}</span>
    </Fact>
  );
}

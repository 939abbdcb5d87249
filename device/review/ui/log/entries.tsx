import type { LogItem } from '../../log/schema.ts';
import { useMay } from '../me.ts';
import { fullTime, useWords } from '../words.ts';
import { actionOf, actionWords } from './action-words.ts';
import { logWords } from './words.ts';

export function Entries({ items }: { items: readonly LogItem[] }) {
  const t = useWords(logWords);
  const a = useWords(actionWords);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what can be scrolled must be reached by the keyboard
    <section class="scroll card log-card" aria-label={t('title')} tabIndex={0}>
      <table class="log-table">
        <thead>
          <tr>
            <th scope="col" class="number">
              {t('place')}
            </th>
            <th scope="col">{t('time')}</th>
            <th scope="col">{t('who')}</th>
            <th scope="col">{t('what')}</th>
            <th scope="col">{t('target')}</th>
            <th scope="col">{t('outcome')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <tr key={item.place}>
              <td class="number muted">{item.place}</td>
              <td class="log-time">{fullTime(item.time)}</td>
              <td>{item.account ?? <span class="muted">{t(item.actor)}</span>}</td>
              <td>{actionOf(a, item.action)}</td>
              <td>
                <Target item={item} />
              </td>
              <td>
                {item.outcome === 'ok' || item.outcome === 'begun' ? (
                  <span class="muted">{t(item.outcome === 'ok' ? 'done' : 'begun')}</span>
                ) : (
                  <span class="chip warning">{item.outcome}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** What it was about: the contact as a link, all else as it stands there. */
function Target({ item: { target, erased } }: { item: LogItem }) {
  const t = useWords(logWords);
  const may = useMay();
  if (erased) return <span class="muted">{t('erased')}</span>;
  const { contactId, ...rest } = target;
  const parts = Object.entries(rest).map(([key, value]) => `${key} ${value}`);
  return (
    <>
      {contactId !== undefined &&
        (may('contacts:read') ? (
          <a href={`/contacts/${contactId}`}>
            {t('contact')} {short(contactId)}
          </a>
        ) : (
          `${t('contact')} ${short(contactId)}`
        ))}
      {contactId !== undefined && parts.length > 0 && ' · '}
      {parts.join(' · ')}
    </>
  );
}

const short = (id: string | number) => String(id).slice(0, 8);

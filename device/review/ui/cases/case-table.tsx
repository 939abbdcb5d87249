import type { CaseContact } from '../../cases/schema.ts';
import { TagChip } from '../parts/tag.tsx';
import { clockTime, dayName, duration, fullTime, shortDay, useWords } from '../words.ts';
import { caseWords } from './words.ts';

type Act = ((contact: CaseContact['contact']) => void) | null;

/** The contacts of a case, and what can be done with each; null: this account may not. */
export function CaseTable({
  contacts,
  onTakeOut,
  onEndHold,
  onErase,
}: {
  contacts: readonly CaseContact[];
  onTakeOut: Act;
  onEndHold: Act;
  onErase: Act;
}) {
  const t = useWords(caseWords);
  return (
    <div class="card scroll">
      <table>
        <caption class="unseen">{t('contacts')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            <th scope="col">{t('desk')}</th>
            <th scope="col" class="number">
              {t('duration')}
            </th>
            <th scope="col">{t('tag')}</th>
            <th scope="col">{t('clip')}</th>
            <th scope="col">{t('held')}</th>
            {(onTakeOut || onErase) && <th scope="col">{t('actions')}</th>}
          </tr>
        </thead>
        <tbody>
          {contacts.map(({ contact, held }) => (
            <tr key={contact.id}>
              <td class="cases-time">
                <a href={`/contacts/${contact.id}`}>
                  {shortDay(contact.startedAt)} {clockTime(contact.startedAt)}
                </a>
              </td>
              <td>{contact.desk}</td>
              <td class="number">{contact.duration === null ? '–' : duration(contact.duration)}</td>
              <td>
                <TagChip tag={contact.tag} />
              </td>
              <td>{t(contact.clip ? 'yes' : 'no')}</td>
              <td>{held ? `${t('until', { day: dayName(held.until) })}: ${held.reason}` : t('no')}</td>
              {(onTakeOut || onErase) && (
                <td>
                  <fieldset class="row cases-actions">
                    <legend class="unseen">{t('menuOf', { time: fullTime(contact.startedAt) })}</legend>
                    {held && onEndHold && (
                      <button type="button" onClick={() => onEndHold(contact)}>
                        {t('endHold')}
                      </button>
                    )}
                    {onTakeOut && (
                      <button type="button" onClick={() => onTakeOut(contact)}>
                        {t('takeOut')}
                      </button>
                    )}
                    {onErase && !held && (
                      <button type="button" class="danger" onClick={() => onErase(contact)}>
                        {t('erase')}
                      </button>
                    )}
                  </fieldset>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

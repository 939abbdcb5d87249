import type { SettingsPreview } from '../../settings/effects.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Notice } from '../parts/notice.tsx';
import { number, useWords } from '../words.ts';
import { DAY, GB } from './draft.ts';
import { words } from './words.ts';

const sizeOf = (bytes: number) =>
  number(bytes / GB, { style: 'unit', unit: 'gigabyte', maximumFractionDigits: 1 });

/** What a change would do, before it is done. `age`: the new one, ms. */
export function Preview(props: {
  preview: SettingsPreview;
  age: number;
  busy: boolean;
  onChange: () => void;
  onClose: () => void;
}) {
  const t = useWords(words);
  const { older, room, kept, lines, writable } = props.preview;
  const gone = (older?.clips ?? 0) + (room?.clips ?? 0);
  const unreviewed = (older?.unreviewed ?? 0) + (room?.unreviewed ?? 0);
  return (
    <Dialog title={t('effect')} onClose={props.onClose}>
      <ul class="settings-effects">
        {older && older.clips > 0 && (
          <li>
            {t('older', { n: older.clips, days: Math.round(props.age / DAY), size: sizeOf(older.bytes) })}
          </li>
        )}
        {room && room.clips > 0 && <li>{t('room', { n: room.clips, size: sizeOf(room.bytes) })}</li>}
        {unreviewed > 0 && <li>{t('unreviewed', { n: unreviewed })}</li>}
        {older && older.held > 0 && <li>{t('held', { n: older.held })}</li>}
        {kept && <li>{t('kept', { n: kept.contacts, before: kept.before, after: kept.after })}</li>}
        {gone === 0 && <li>{t('noClipGoes')}</li>}
      </ul>
      {gone > 0 && writable && <Notice kind="warning">{t('forGood')}</Notice>}
      {!writable && <Notice kind="warning">{t('byHand')}</Notice>}
      <details open={!writable}>
        <summary>{t('lines')}</summary>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col" class="number">
                  {t('line')}
                </th>
                <th scope="col">{t('before')}</th>
                <th scope="col">{t('after')}</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ line, before, after }) => (
                <tr key={`${line} ${after}`}>
                  <td class="number">{line}</td>
                  <td>{before !== null && <code>{before}</code>}</td>
                  <td>{after !== null && <code>{after}</code>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
      <div class="row settings-buttons">
        {writable && (
          <button
            type="button"
            class={gone > 0 ? 'danger' : 'primary'}
            disabled={props.busy}
            onClick={props.onChange}
          >
            {t('change')}
          </button>
        )}
        <button type="button" onClick={props.onClose}>
          {t('back')}
        </button>
      </div>
    </Dialog>
  );
}

import { Dialog } from '../parts/dialog.tsx';
import { useWords } from '../words.ts';
import { useCharacterKeys } from './keys.ts';
import { inboxWords } from './words.ts';

type Word = keyof (typeof inboxWords)['en'];

/** Keys that belong together, as they are written on the keyboard, and what they do. */
const LIST: readonly [keys: string, what: Word][] = [
  ['j k ↓ ↑', 'keyMove'],
  ['Enter o', 'keyOpen'],
  ['u', 'keyUndo'],
  ['?', 'keyHelp'],
];
const CONTACT: readonly [keys: string, what: Word][] = [
  ['{space}', 'keyPlay'],
  ['← →', 'keySkip'],
  ['Shift+← Shift+→', 'keyStep'],
  ['[ ]', 'keySpeed'],
  ['p', 'keyPress'],
  ['m', 'keyStrongest'],
  ['1 2 3 0', 'keyTag'],
  ['c', 'keyCauses'],
  ['t', 'keyComment'],
  ['a', 'keyMeasure'],
  ['d Ctrl+Enter', 'keyDone'],
  ['u', 'keyUndo'],
  ['n b', 'keyNext'],
  ['Esc', 'keyBack'],
];

/** Which keys do what, and the switch for those of one character. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useWords(inboxWords);
  const [on, set] = useCharacterKeys();
  const table = (title: Word, rows: typeof LIST) => (
    <table>
      <caption>{t(title)}</caption>
      <tbody>
        {rows.map(([keys, what]) => (
          <tr key={keys}>
            <th scope="row">
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key === '{space}' ? t('space') : key}</kbd>
              ))}
            </th>
            <td>{t(what)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
  return (
    <Dialog title={t('keysTitle')} onClose={onClose}>
      <div class="inbox-keys">
        <label class="row">
          <input
            type="checkbox"
            checked={on}
            aria-describedby="inbox-keys-hint"
            onChange={(event) => set(event.currentTarget.checked)}
          />
          {t('keysOn')}
        </label>
        <p class="muted" id="inbox-keys-hint">
          {t('keysOnHint')}
        </p>
        {table('inTheList', LIST)}
        {table('inTheContact', CONTACT)}
        <button type="button" class="primary" onClick={onClose}>
          {t('close')}
        </button>
      </div>
    </Dialog>
  );
}

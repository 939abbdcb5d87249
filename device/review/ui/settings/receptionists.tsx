import { useState } from 'preact/hooks';
import { Field } from '../parts/field.tsx';
import { useWords } from '../words.ts';
import type { Part } from './retention.tsx';
import { words } from './words.ts';

/** As the config has pseudonyms, and what a card reader types. */
const PSEUDONYM = '[A-Za-z0-9_\\-]{1,32}';
const CARD = '[A-Za-z0-9]{1,32}';

/** The receptionists' cards, and the buttons that say whose shift it is. */
export function Receptionists({ draft, set, readOnly }: Part) {
  const t = useWords(words);
  const [card, setCard] = useState('');
  const [who, setWho] = useState('');
  const { cards, shiftButtons } = draft;
  const ready = new RegExp(`^${CARD}$`).test(card) && new RegExp(`^${PSEUDONYM}$`).test(who);
  const add = () => {
    set({ cards: { ...cards, [card]: who } });
    setCard('');
    setWho('');
  };
  return (
    <fieldset class="card settings-part" disabled={readOnly}>
      <legend>{t('receptionists')}</legend>
      <p class="muted settings-wide">{t('pseudonymHint')}</p>
      {!readOnly && Object.keys(cards).length === 0 && <p class="muted settings-wide">{t('noCards')}</p>}
      {Object.entries(cards).map(([known, receptionist]) => (
        <div key={known} class="settings-row">
          <Field label={t('card', { card: known })}>
            <input
              {...{ required: true, pattern: PSEUDONYM, value: receptionist }}
              onChange={({ currentTarget }) => set({ cards: { ...cards, [known]: currentTarget.value } })}
            />
          </Field>
          <button
            type="button"
            aria-label={`${t('removeCard')}: ${t('card', { card: known })}`}
            onClick={() =>
              set({ cards: Object.fromEntries(Object.entries(cards).filter(([c]) => c !== known)) })
            }
          >
            {t('removeCard')}
          </button>
        </div>
      ))}
      <div class="settings-row settings-wide">
        <Field label={t('newCard')}>
          <input
            {...{ name: 'card', pattern: CARD, value: card }}
            onInput={(e) => setCard(e.currentTarget.value)}
          />
        </Field>
        <Field label={t('whose')}>
          <input
            {...{ name: 'whose', pattern: PSEUDONYM, value: who }}
            onInput={(e) => setWho(e.currentTarget.value)}
          />
        </Field>
        <button type="button" disabled={!ready} onClick={add}>
          {t('addCard')}
        </button>
      </div>
      {shiftButtons.map(({ desk, button, receptionist }, place) => (
        <Field key={`${desk} ${button}`} label={t('shiftButton', { desk, button })}>
          <input
            {...{ required: true, pattern: PSEUDONYM, value: receptionist }}
            onChange={({ currentTarget }) =>
              set({
                shiftButtons: shiftButtons.map((one, at) =>
                  at === place ? { ...one, receptionist: currentTarget.value } : one,
                ),
              })
            }
          />
        </Field>
      ))}
    </fieldset>
  );
}

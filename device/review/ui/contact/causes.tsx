import type { RefObject } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import type { Causes as All } from '../../inbox/schema.ts';
import { causeNames } from '../causes/name.ts';
import { groupWords } from '../causes/words.ts';
import { language, useWords } from '../words.ts';
import { choices } from './cause-list.ts';
import { reviewWords } from './review-words.ts';

/** Chooses causes: by typing and Enter, or by touching them. `field`: where one types. */
export function Causes({
  all,
  chosen,
  field,
  onChange,
}: {
  all: All | null;
  chosen: readonly string[];
  field: RefObject<HTMLInputElement | null>;
  onChange: (causes: string[]) => void;
}) {
  const t = useWords(reviewWords);
  const groups = useWords(groupWords);
  const list = useId();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const causes = all?.causes ?? [];
  const offered = choices(causes, { typed, chosen, language: language() });
  const at = Math.min(active, offered.length - 1);
  const name = causeNames(causes);
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const option = (id: string) => `${list}-${id}`;
  const move = (to: number) => {
    setActive(Math.min(Math.max(0, to), offered.length - 1));
  };
  const activeId = offered[at]?.id;
  useEffect(() => {
    if (activeId && document.activeElement === field.current)
      document.getElementById(`${list}-${activeId}`)?.scrollIntoView({ block: 'nearest' });
  }, [activeId, list, field]);
  return (
    <div class="contact-causes">
      {chosen.length > 0 && (
        <ul class="contact-chosen" aria-label={t('chosen')}>
          {chosen.map((id) => (
            <li key={id}>
              <button type="button" aria-label={t('takeOff', { cause: name(id) })} onClick={() => toggle(id)}>
                {name(id)} <span aria-hidden="true">×</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <input
        ref={field}
        type="text"
        role="combobox"
        autocomplete="off"
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={activeId && option(activeId)}
        aria-label={t('findCause')}
        placeholder={t('findCause')}
        aria-keyshortcuts="c"
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
          if (event.key === 'ArrowDown') move(at + 1);
          else if (event.key === 'ArrowUp') move(at - 1);
          else if (event.key === 'Enter' && activeId) {
            toggle(activeId);
            setTyped('');
            setActive(0);
          } else if (event.key !== 'Enter') return;
          event.preventDefault();
        }}
      />
      <div
        class="contact-cause-list"
        id={list}
        role="listbox"
        aria-multiselectable="true"
        aria-label={t('causes')}
      >
        {[...new Set(offered.map(({ group }) => group))].map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of a listbox is no fieldset
          <div key={group} role="group" aria-label={groups(group)}>
            <div class="contact-cause-group muted" aria-hidden="true">
              {groups(group)}
            </div>
            {offered
              .filter((one) => one.group === group)
              .map((one) => (
                // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the field above
                // biome-ignore lint/a11y/useFocusableInteractive: the field above keeps the focus
                <div
                  key={one.id}
                  id={option(one.id)}
                  role="option"
                  aria-selected={chosen.includes(one.id)}
                  class="contact-cause"
                  data-active={one.id === activeId ? 'true' : undefined}
                  onMouseDown={(event) => event.preventDefault()}
                  onClick={() => toggle(one.id)}
                >
                  {one.name}
                </div>
              ))}
          </div>
        ))}
      </div>
      {all && offered.length === 0 && (
        <p class="muted" role="status">
          {t('noCause')}
        </p>
      )}
    </div>
  );
}

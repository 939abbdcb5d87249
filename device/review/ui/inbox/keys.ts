import { useEffect, useRef, useState } from 'preact/hooks';

export type KeyEvent = Pick<
  KeyboardEvent,
  'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'
>;

const PUNCTUATION: Readonly<Record<string, string>> = { BracketLeft: '[', BracketRight: ']' };

/**
 * The name of what was pressed: `j`, `?`, `ArrowLeft`, `Shift+ArrowLeft`, `Ctrl+Enter` (on a Mac: Command); null where it
 * is none of ours. On a keyboard of another script the place of the key counts: д is l, and the Lithuanian ą is 1.
 */
export function nameOf({ key, code, shiftKey, ctrlKey, metaKey, altKey }: KeyEvent): string | null {
  if (altKey) return null;
  const command = ctrlKey || metaKey ? 'Ctrl+' : '';
  if ([...key].length !== 1 || key === ' ') return `${command}${shiftKey ? 'Shift+' : ''}${key}`;
  if (/^[a-z]$/i.test(key)) return `${command}${shiftKey ? 'Shift+' : ''}${key.toLowerCase()}`;
  if (key <= '\x7f') return command + key;
  const place = /^(?:Key([A-Z])|Digit(\d))$/.exec(code);
  const name = place?.[1]?.toLowerCase() ?? place?.[2] ?? PUNCTUATION[code];
  return name === undefined ? null : command + (shiftKey ? 'Shift+' : '') + name;
}

/** Whether it is one character: the keys that can be switched off (WCAG 2.1.4). */
export const isCharacter = (name: string): boolean => name.length === 1 && name !== ' ';

/** What may go on while the key is held down; anything else happens once. */
const REPEATING = new Set(['j', 'k', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Shift+ArrowLeft']);
REPEATING.add('Shift+ArrowRight');

const TYPED = 'textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=range])';
/** What the browser itself does with these keys where the focus is. */
const THEIRS: readonly [where: string, keys: RegExp][] = [
  [TYPED, /^(?!Ctrl\+Enter$)/],
  ['button, summary', /^( |Enter)$/],
  ['a', /^Enter$/],
  ['input[type=radio]', /^( |Arrow\w+)$/],
  ['input[type=checkbox]', /^ $/],
];

export type Shortcuts = Readonly<Record<string, () => void>>;

/** Calls what a key stands for, unless somebody types, a dialog or a menu is open, or the key has a use where the focus is. */
export function useKeys(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      const name = nameOf(event);
      const target = event.target as Element;
      if (name === null || document.querySelector('dialog[open], details.menu[open]')) return;
      if (name === 'Escape' && target.matches(TYPED)) {
        (target as HTMLElement).blur();
        event.preventDefault();
        return;
      }
      if (THEIRS.some(([where, keys]) => target.matches(where) && keys.test(name))) return;
      if (isCharacter(name) && !charactersOn()) return;
      const act = latest.current[name];
      if (!act) return;
      event.preventDefault();
      if (!event.repeat || REPEATING.has(name)) act();
    };
    // Before the menus hear it, which close by Escape: one Escape closes one thing.
    addEventListener('keydown', hear, { capture: true });
    return () => removeEventListener('keydown', hear, { capture: true });
  }, []);
}

const STORED = 'ca.keys';
const charactersOn = () => localStorage.getItem(STORED) !== 'off';

/** Whether keys of one character do anything, and the switch. Kept in this browser. */
export function useCharacterKeys(): [on: boolean, set: (on: boolean) => void] {
  const [on, set] = useState(charactersOn);
  return [
    on,
    (to) => {
      localStorage.setItem(STORED, to ? 'on' : 'off');
      set(to);
    },
  ];
}

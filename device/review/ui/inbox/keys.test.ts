import { expect, test } from 'vitest';
import { isCharacter, type KeyEvent, nameOf } from './keys.ts';

const pressed = (key: string, more: Partial<KeyEvent> = {}): KeyEvent => ({
  ...{ key, code: '', shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false },
  ...more,
});

test.each([
  ['j', pressed('j'), 'j'],
  ['with caps lock', pressed('J'), 'j'],
  ['with shift', pressed('J', { shiftKey: true }), 'Shift+j'],
  ['a sign that needs shift', pressed('?', { shiftKey: true }), '?'],
  ['space', pressed(' '), ' '],
  ['an arrow with shift', pressed('ArrowLeft', { shiftKey: true }), 'Shift+ArrowLeft'],
  ['Ctrl', pressed('Enter', { ctrlKey: true }), 'Ctrl+Enter'],
  ['Command', pressed('Enter', { metaKey: true }), 'Ctrl+Enter'],
  ['Cyrillic', pressed('о', { code: 'KeyJ' }), 'j'],
  ['Cyrillic bracket', pressed('х', { code: 'BracketLeft' }), '['],
  ['Lithuanian digit', pressed('ą', { code: 'Digit1' }), '1'],
  ['Alt belongs to the browser', pressed('d', { altKey: true }), null],
  ['an unknown place', pressed('é', { code: 'Quote' }), null],
])('%s', (_what, event, name) => expect(nameOf(event)).toBe(name));

test('the keys that can be switched off are those of one character', () => {
  expect(['j', '1', '?', ' ', 'Enter', 'Ctrl+Enter'].filter(isCharacter)).toEqual(['j', '1', '?']);
});

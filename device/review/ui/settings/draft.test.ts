import { expect, test } from 'vitest';
import type { DeviceSettings } from '../../settings/settings.ts';
import { changeOf, receptionistsIn } from './draft.ts';

const IS: DeviceSettings = {
  ...{ keep: 'negative', sample: 0.1, age: 1, max: 2, cards: { a: 'r-1' } },
  shiftButtons: [
    { desk: 'front', button: 'one', receptionist: 'r-2' },
    { desk: 'front', button: 'two', receptionist: 'r-1' },
  ],
  tablet: { ru: { question: null, thanks: null }, en: { question: 'How?', thanks: null } },
};

test('what is the same is not sent', () => {
  expect(changeOf(IS, structuredClone(IS))).toEqual({});
  expect(changeOf(IS, { ...IS, keep: 'all', cards: {} })).toEqual({ keep: 'all', cards: {} });
});

test('of buttons and texts only those that are others', () => {
  const [one] = IS.shiftButtons;
  if (!one) throw new Error('there are two');
  const shiftButtons = [one, { desk: 'front', button: 'two', receptionist: 'r-3' }];
  const tablet = { ...IS.tablet, en: { question: 'How was it?', thanks: null } };
  expect(changeOf(IS, { ...IS, shiftButtons, tablet })).toEqual({
    shiftButtons: [shiftButtons[1]],
    tablet: { en: tablet.en },
  });
});

test('each receptionist once', () => {
  expect(receptionistsIn(IS)).toEqual(['r-1', 'r-2']);
});

import { expect, test } from 'vitest';
import { facesOf, type RatingButton } from './faces.ts';

const button = (rating: number, tag: RatingButton['tag']): RatingButton => ({
  name: `b${rating}`,
  rating,
  tag,
});
const shown = (...buttons: RatingButton[]) => facesOf(buttons).map(({ name, mood }) => `${name}:${mood}`);

test('the best comes first, whatever the order of the config', () => {
  expect(shown(button(1, 'negative'), button(3, 'neutral'), button(5, 'positive'))).toEqual([
    'b5:4',
    'b3:3',
    'b1:2',
  ]);
});

test('a face never contradicts its tag; several of one tag differ', () => {
  expect(shown(button(5, 'positive'), button(3, 'neutral'))).toEqual(['b5:4', 'b3:3']);
  expect(
    shown(button(4, 'positive'), button(3, 'positive'), button(2, 'negative'), button(1, 'negative')),
  ).toEqual(['b4:5', 'b3:4', 'b2:2', 'b1:1']);
});

test('where two have the same face their rating tells them apart', () => {
  const faces = facesOf([
    button(10, 'positive'),
    button(9, 'positive'),
    button(8, 'positive'),
    button(1, 'negative'),
  ]);
  expect(faces.map(({ mood, rating }) => [mood, rating])).toEqual([
    [5, null],
    [4, 9],
    [4, 8],
    [2, null],
  ]);
});

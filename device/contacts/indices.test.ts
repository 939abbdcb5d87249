import { expect, test } from 'vitest';
import { indicesOf, wilson } from './indices.ts';

test('the interval is the one of the textbooks', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I: 81/263 and 15/148, method 3.
  expect(wilson(81, 263)).toMatchObject({ low: expect.closeTo(0.2553, 4), high: expect.closeTo(0.3662, 4) });
  expect(wilson(15, 148)).toMatchObject({ low: expect.closeTo(0.0624, 4), high: expect.closeTo(0.1605, 4) });
  expect(wilson(0, 20)).toMatchObject({ value: 0, low: 0, high: expect.closeTo(0.1611, 4) });
  expect(wilson(0, 0)).toBeNull();
});

test('only served contacts count, and a neutral rating is a response', () => {
  const contact = { served: true, rating: null, top: false, negative: false };
  const indices = indicesOf([
    contact,
    { ...contact, rating: 5, top: true },
    { ...contact, rating: 3 },
    { ...contact, rating: 1, negative: true },
    { ...contact, served: false, rating: 1, negative: true },
    { ...contact, served: false, rating: 5, top: true },
  ]);
  expect(indices).toMatchObject({ served: 4, rated: 3, top: 1, negative: 1, responseRate: 0.75 });
  expect(indices.support?.value).toBe(0.25);
  expect(indices.dissatisfaction?.value).toBe(0.25);
});

import { expect, test } from 'vitest';
import type { Contact, Press } from './model.ts';
import { ratedBy, reviewedAs } from './tagging.ts';

const at = { mono: 0, wall: 0 };
const contact: Contact = {
  id: 'c',
  startedAt: at,
  endedAt: null,
  endReason: null,
  duration: null,
  served: false,
  tag: 'unrated',
  tagSource: null,
  pressId: null,
  rating: null,
  top: false,
  veto: false,
  receptionist: null,
};
const press: Press = {
  id: 'p',
  contactId: 'c',
  button: 'x',
  rating: 1,
  tag: 'negative',
  top: false,
  at,
  flags: [],
};

test('a press tags the contact; a reviewer stands over it, before and after, and leaves the rating alone', () => {
  expect(ratedBy(contact, press)).toMatchObject({
    tag: 'negative',
    tagSource: 'press',
    rating: 1,
    pressId: 'p',
  });
  expect(reviewedAs(ratedBy(contact, press), 'neutral')).toMatchObject({
    tag: 'neutral',
    tagSource: 'reviewer',
    rating: 1,
  });
  expect(ratedBy(reviewedAs(contact, 'positive'), press)).toMatchObject({
    tag: 'positive',
    tagSource: 'reviewer',
    rating: 1,
  });
});

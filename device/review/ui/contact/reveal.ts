import type { ContactPage } from '../../inbox/schema.ts';
import type { Translate } from '../words.ts';
import type { reviewWords } from './review-words.ts';

type Words = Translate<(typeof reviewWords)['en']>;

/** "You: neutral; press: none; models: nothing scored." Of a contact that is no longer blind. */
export function revealed({ contact, review }: ContactPage, t: Words): string {
  const last = contact.presses.findLast(({ flags }) => flags.length === 0) ?? contact.presses.at(-1);
  const face = contact.scores.find((score) => score.kind === 'face')?.summary.verdict;
  return t('reveal', {
    you: t(review?.tag ? `tag.${review.tag}` : 'asPressed').toLowerCase(),
    press: last ? t(`tag.${last.tag}`).toLowerCase() : t('nothing'),
    models:
      face === undefined
        ? t('models.none')
        : t(face === 'unknown' ? 'models.unknown' : `tag.${face}`).toLowerCase(),
  });
}

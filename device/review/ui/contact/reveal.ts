import type { ContactPage } from '../../inbox/schema.ts';
import type { tagWords } from '../parts/tag-words.ts';
import type { Translate } from '../words.ts';
import type { reviewWords } from './review-words.ts';

type Words = Translate<(typeof reviewWords)['en']>;
type Tags = Translate<(typeof tagWords)['en']>;

/** "You: neutral; press: none; models: nothing scored." Of a contact that is no longer blind. */
export function revealed({ contact, review }: ContactPage, t: Words, tags: Tags): string {
  const last = contact.presses.findLast(({ flags }) => flags.length === 0) ?? contact.presses.at(-1);
  const face = contact.scores.find((score) => score.kind === 'face')?.summary.verdict;
  return t('reveal', {
    you: (review?.tag ? tags(review.tag) : t('asPressed')).toLowerCase(),
    press: last ? tags(last.tag).toLowerCase() : t('nothing'),
    models:
      face === undefined
        ? t('models.none')
        : (face === 'unknown' ? t('models.unknown') : tags(face)).toLowerCase(),
  });
}

import type { Tag } from '../../../contacts/model.ts';
import { tagWords } from '../parts/tag-words.ts';
import { duration, useWords } from '../words.ts';
import { inboxWords } from './words.ts';

const MOUTH = {
  positive: 'M4.5 9.5q3.5 3.5 7 0',
  neutral: 'M5 10.5h6',
  negative: 'M4.5 11.5q3.5 -3.5 7 0',
  unrated: '',
} as const satisfies Record<Tag, string>;

/** One press as a face and its rating. `at`: milliseconds after the arrival. */
export function Press({ at, rating, tag }: { at: number; rating: number | null; tag: Tag }) {
  const t = useWords(inboxWords);
  const tags = useWords(tagWords);
  const said = t('press', {
    rating: rating ?? t('unknownRating'),
    tag: tags(tag).toLowerCase(),
    at: duration(Math.max(0, at)),
  });
  return (
    <span class={`chip ${tag} inbox-press`} title={said}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <circle cx="8" cy="8" r="7" />
        <path d={`M5.5 5.5v1.2M10.5 5.5v1.2${MOUTH[tag]}`} />
      </svg>
      <span aria-hidden="true">{rating ?? '?'}</span>
      <span class="unseen">{said}</span>
    </span>
  );
}

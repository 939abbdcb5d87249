import { useWords } from '../words.ts';
import { useLastReview } from './last-review.ts';
import { inboxWords } from './words.ts';

/** Says what was done last, and offers to take it back. */
export function Reviewed({ onUndo }: { onUndo: () => void }) {
  const t = useWords(inboxWords);
  const last = useLastReview();
  return (
    <div class="inbox-reviewed" role="status">
      {last && (
        <p class="notice done">
          <span>
            {t('reviewed', { which: last.which })} {last.revealed}
          </span>
          <button type="button" onClick={onUndo} aria-keyshortcuts="u">
            {t('undo')}
          </button>
        </p>
      )}
    </div>
  );
}

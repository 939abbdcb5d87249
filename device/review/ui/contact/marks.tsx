import { tagWords } from '../parts/tag-words.ts';
import { useWords } from '../words.ts';
import type { Axis } from './layers.ts';
import type { PressMark } from './moments.ts';
import { sinceArrival } from './offset.ts';
import { timelineWords } from './timeline-words.ts';

/** The presses on the timeline, as buttons that go there. */
export function Marks({
  axis,
  presses,
  onSeek,
}: {
  axis: Axis;
  presses: readonly PressMark[];
  onSeek: (to: number) => void;
}) {
  const t = useWords(timelineWords);
  const tags = useWords(tagWords);
  return presses.map(({ id, at, rating, tag }) => {
    const name = `${t('press', { rating: rating ?? '?', tag: tags(tag).toLowerCase() })}: ${t('goTo', {
      at: sinceArrival(at, axis),
    })}`;
    return (
      <div key={id} class={`contact-press ${tag}`} style={{ left: `${(100 * at) / axis.duration}%` }}>
        <button type="button" aria-label={name} title={name} onClick={() => onSeek(at)}>
          {rating ?? '?'}
        </button>
      </div>
    );
  });
}

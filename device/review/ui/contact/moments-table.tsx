import { useState } from 'preact/hooks';
import { tagWords } from '../parts/tag-words.ts';
import { useWords } from '../words.ts';
import type { Axis, Layers } from './layers.ts';
import { momentsOf, type PressMark } from './moments.ts';
import { sinceArrival } from './offset.ts';
import { timelineWords } from './timeline-words.ts';

/** What the timeline shows, in words; each line goes there. */
export function MomentsTable({
  axis,
  layers,
  presses,
  onSeek,
}: {
  axis: Axis;
  layers: Layers;
  presses: readonly PressMark[];
  onSeek: (to: number) => void;
}) {
  const t = useWords(timelineWords);
  const tags = useWords(tagWords);
  const [open, setOpen] = useState(false);
  return (
    <details class="contact-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('asTable')}</summary>
      {open && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('when')}</th>
                <th scope="col">{t('until')}</th>
                <th scope="col">{t('what')}</th>
              </tr>
            </thead>
            <tbody>
              {momentsOf(layers, presses, axis).map(({ at, until, word, press }) => (
                <tr key={`${word}${at}${press?.id}`}>
                  <td>
                    <button
                      type="button"
                      aria-label={t('goTo', { at: sinceArrival(at, axis) })}
                      onClick={() => onSeek(at)}
                    >
                      {sinceArrival(at, axis)}
                    </button>
                  </td>
                  <td>{until === null ? '' : sinceArrival(until, axis)}</td>
                  <td>
                    {press
                      ? t('press', { rating: press.rating ?? '?', tag: tags(press.tag).toLowerCase() })
                      : t(word)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}

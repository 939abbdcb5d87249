import { useWords } from '../words.ts';
import type { Layers } from './layers.ts';
import { timelineWords } from './timeline-words.ts';

type Entry = readonly [kind: string, word: keyof (typeof timelineWords)['en']];

/** What the signs of the timeline mean: those that can be seen in it. */
export function Legend({ layers }: { layers: Layers }) {
  const t = useWords(timelineWords);
  const has = (what: string) => layers.face?.states.some((span) => span.what === what);
  const entries: (Entry | false | undefined)[] = [
    layers.raised.length > 0 && ['raised', 'legend.raised'],
    layers.overlaps.length > 0 && ['overlap', 'legend.overlap'],
    has('negative') && ['negative', 'legend.negative'],
    has('neutral') && ['neutral', 'legend.neutral'],
    has('positive') && ['positive', 'legend.positive'],
    has('unknown') && ['unknown', 'legend.unknown'],
    layers.gaps.length > 0 && ['gap', 'legend.gap'],
    ['roll', 'legend.roll'],
  ];
  return (
    <ul class="contact-legend muted" aria-label={t('legend')}>
      {entries.map(
        (entry) =>
          entry && (
            <li key={entry[0]}>
              <span class={`contact-swatch ${entry[0]}`} aria-hidden="true" />
              {entry[0] === 'negative' || entry[0] === 'neutral' || entry[0] === 'positive'
                ? `${t('face')}: ${t(entry[1])}`
                : t(entry[1])}
            </li>
          ),
      )}
    </ul>
  );
}

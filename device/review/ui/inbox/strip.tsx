import type { Strip as Letters } from '../../../store/records.ts';
import { percent, useWords } from '../words.ts';
import { factsOf, type Run, runsOf } from './strip-runs.ts';
import { inboxWords } from './words.ts';

const WIDTH = 180;
/** Top and height of a run, by its letter: a raised voice stands out by its height, not by its colour alone. */
const SOUND: Readonly<Record<string, readonly [y: number, height: number]>> = { s: [16, 5], r: [12, 9] };
const FACE: Readonly<Record<string, readonly [y: number, height: number]>> = {
  n: [5, 6],
  o: [4, 2],
  p: [0, 6],
};

/** The stay at a glance: above how the face leant, below who spoke. What is not known is left empty. */
export function Strip({ strip }: { strip: Letters }) {
  const t = useWords(inboxWords);
  const { negative, speech, raised } = factsOf(strip);
  const said = [
    negative !== null && t('stripNegative', { share: percent(negative) }),
    speech !== null && t('stripSpeech', { share: percent(speech) }),
    raised ? t('stripRaised', { share: percent(raised) }) : false,
  ].filter((words) => words !== false);
  const what = said.join(', ') || t('stripNone');
  const bars = (runs: Run[], places: typeof SOUND) =>
    runs.map(({ letter, from, to }) => {
      const place = places[letter];
      if (!place) return null;
      const [y, height] = place;
      return (
        <rect
          key={from}
          class={`inbox-run-${letter}`}
          {...{ x: from * WIDTH, y, width: (to - from) * WIDTH, height }}
        />
      );
    });
  return (
    <svg class="inbox-strip" viewBox={`0 0 ${WIDTH} 22`} preserveAspectRatio="none" role="img">
      <title>{t('strip', { what })}</title>
      <rect class="inbox-strip-ground" x="0" y="0" width={WIDTH} height="22" />
      {strip.face !== null && bars(runsOf(strip.face), FACE)}
      {strip.sound !== null && bars(runsOf(strip.sound), SOUND)}
    </svg>
  );
}

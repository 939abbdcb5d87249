import type { InboxItem } from '../../inbox/schema.ts';

const WIDTH = 180;
const MARK = 5;

/**
 * The stay without anything that models say: where in it the presses are. `stay`: its length in milliseconds. The row says
 * each press in words beside it.
 */
export function PressStrip({ presses, stay }: { presses: InboxItem['presses']; stay: number }) {
  return (
    <svg class="inbox-strip" viewBox={`0 0 ${WIDTH} 22`} preserveAspectRatio="none" aria-hidden="true">
      <rect class="inbox-strip-ground" x="0" y="0" width={WIDTH} height="22" />
      {presses.map(({ at, tag }) => (
        <rect
          key={at}
          class={`inbox-mark-${tag}`}
          {...{ x: placeOf(at, stay) * (WIDTH - MARK), y: 2, width: MARK, height: 18 }}
        />
      ))}
    </svg>
  );
}

/** In [0, 1]: who presses before the arrival was noticed, or after the departure, is drawn at the edge. */
const placeOf = (at: number, stay: number) => (stay > 0 ? Math.min(1, Math.max(0, at / stay)) : 0);

import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Waveform } from '../../clips/schema.ts';
import { useWords } from '../words.ts';
import { lanesOf, ticksOf } from './lanes.ts';
import type { Axis, Layers } from './layers.ts';
import { Marks } from './marks.tsx';
import type { PressMark } from './moments.ts';
import { sinceArrival } from './offset.ts';
import type { Playback } from './playback.ts';
import { playerWords } from './player-words.ts';
import { Shapes } from './shapes.tsx';
import { timelineWords } from './timeline-words.ts';

/** The clip's time with all that is known of it, to look at and to move in: by mouse, finger and keys. */
export function Timeline({
  axis,
  layers,
  waveform,
  presses,
  playback,
  media,
}: {
  axis: Axis;
  layers: Layers;
  waveform: Waveform | null;
  presses: readonly PressMark[];
  playback: Playback;
  media: RefObject<HTMLMediaElement | null>;
}) {
  const t = useWords(timelineWords);
  const p = useWords(playerWords);
  const track = useRef<HTMLDivElement>(null);
  const width = useWidth(track);
  const { lanes, height } = useMemo(() => lanesOf(layers, waveform), [layers, waveform]);
  const seekTo = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (box) playback.seek(((event.clientX - box.left) / box.width) * axis.duration);
  };
  return (
    <section class="contact-timeline" aria-label={t('timeline')}>
      <div class="contact-lanes" style={{ height: `${height}px` }} aria-hidden="true">
        {lanes.map(({ id, word, y, height: tall }) => (
          <span key={id} style={{ top: `${y}px`, height: `${tall}px` }}>
            {t(word)}
          </span>
        ))}
      </div>
      <div
        class="contact-track"
        ref={track}
        style={{ height: `${height}px` }}
        onPointerDown={(event) => {
          if (event.button !== 0 || (event.target as Element).closest('button')) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && seekTo(event)}
      >
        {width > 0 && <Shapes {...{ axis, layers, waveform, lanes, width, height }} />}
        <Marks axis={axis} presses={presses} onSeek={playback.seek} />
        <Playhead {...{ axis, playback, media }} />
      </div>
      <input
        class="contact-position"
        type="range"
        min={0}
        max={axis.duration / 1000}
        step={0.1}
        value={playback.time / 1000}
        aria-label={p('position')}
        aria-valuetext={p('positionText', {
          at: sinceArrival(playback.time, axis),
          all: sinceArrival(axis.duration, axis),
        })}
        onInput={(event) => playback.seek(event.currentTarget.valueAsNumber * 1000)}
      />
      <div class="contact-ticks muted" aria-hidden="true">
        {ticksOf(axis.duration, axis.arrival, width).map((ms) => (
          <span key={ms} style={{ left: `${(100 * (ms + axis.arrival)) / axis.duration}%` }}>
            {sinceArrival(ms + axis.arrival, axis)}
          </span>
        ))}
      </div>
    </section>
  );
}

/** The line that shows where the clip is; while it plays, for each picture of the screen. */
function Playhead({
  axis,
  playback: { time, playing },
  media,
}: {
  axis: Axis;
  playback: Playback;
  media: RefObject<HTMLMediaElement | null>;
}) {
  const head = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    const draw = () => {
      if (head.current && media.current)
        head.current.style.left = `${(100_000 * media.current.currentTime) / axis.duration}%`;
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [playing, axis.duration, media]);
  return <div class="contact-head-line" ref={head} style={{ left: `${(100 * time) / axis.duration}%` }} />;
}

/** Width of an element in CSS pixels; 0 until it is known. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, set] = useState(0);
  useLayoutEffect(() => {
    const seen = element.current;
    if (!seen) return;
    const watching = new ResizeObserver(() => set(seen.clientWidth));
    watching.observe(seen);
    set(seen.clientWidth);
    return () => watching.disconnect();
  }, [element]);
  return width;
}

import { useMemo, useRef } from 'preact/hooks';
import type { Waveform } from '../../clips/schema.ts';
import type { ContactPage } from '../../inbox/schema.ts';
import { useKeys } from '../inbox/keys.ts';
import { useLoaded } from '../load.ts';
import { Notice } from '../parts/notice.tsx';
import { number, useWords } from '../words.ts';
import { axisOf, layersOf } from './layers.ts';
import { Legend } from './legend.tsx';
import { nextPress, pressMarks } from './moments.ts';
import { MomentsTable } from './moments-table.tsx';
import { sinceArrival } from './offset.ts';
import { SPEEDS, speedNext, usePlayback } from './playback.ts';
import { playerWords } from './player-words.ts';
import { strongestMoment } from './strongest.ts';
import { Timeline } from './timeline.tsx';
import { timelineWords } from './timeline-words.ts';

const NO_AXIS = { duration: 0, arrival: 0, departure: null };

/** The clip, which begins at once at the arrival, and its timeline. */
export function Player({ page: { contact, timelines } }: { page: ContactPage }) {
  const t = useWords(playerWords);
  const tl = useWords(timelineWords);
  const media = useRef<HTMLVideoElement>(null);
  // What is loaded anew is another object with the same in it: the drawing stays.
  const known = JSON.stringify([contact.clip, contact.duration, contact.presses, timelines]);
  const { axis, layers, presses, strongest } = useMemo(() => {
    const own = axisOf(contact) ?? NO_AXIS;
    return {
      axis: own,
      layers: layersOf(timelines, contact.clip?.manifest?.gaps ?? [], own),
      presses: pressMarks(contact, own),
      strongest: strongestMoment(timelines),
    };
  }, [known]);
  const playback = usePlayback(media, Math.max(0, axis.arrival), axis.duration);
  const { data: waveform } = useLoaded<Waveform>(`/api/contacts/${contact.id}/waveform`);

  const toPress = () => {
    const press = nextPress(presses, playback.time);
    if (press) playback.seek(press.at);
  };
  const toStrongest = () => {
    if (strongest !== null) playback.seek(axis.arrival + strongest);
  };
  useKeys({
    ' ': playback.toggle,
    ArrowLeft: () => playback.skip(-5_000),
    ArrowRight: () => playback.skip(5_000),
    'Shift+ArrowLeft': () => playback.skip(-1_000),
    'Shift+ArrowRight': () => playback.skip(1_000),
    '[': () => playback.setSpeed(speedNext(playback.speed, -1)),
    ']': () => playback.setSpeed(speedNext(playback.speed, 1)),
    p: toPress,
    m: toStrongest,
  });
  const video = contact.clip?.mediaType?.startsWith('video/') ?? false;
  return (
    <section class="card contact-player" aria-label={t('clip')}>
      {playback.broken && <Notice kind="error">{t('broken')}</Notice>}
      <div class={video ? 'contact-screen' : 'contact-sound'}>
        {/* It plays a clip of sound alone, too. */}
        <video
          ref={media}
          src={`/api/contacts/${contact.id}/clip`}
          preload="auto"
          playsInline
          aria-label={t('clip')}
          onClick={playback.toggle}
          {...playback.events}
        />
        {playback.blocked && (
          <button type="button" class="primary contact-start" onClick={playback.toggle}>
            <PlaySign playing={false} />
            {t('startHere')}
          </button>
        )}
      </div>
      <div class="row contact-controls">
        <button type="button" class="primary" onClick={playback.toggle} aria-keyshortcuts="Space">
          <PlaySign playing={playback.playing} />
          {t(playback.playing ? 'pause' : 'play')}
        </button>
        <span class="contact-time">
          {sinceArrival(playback.time, axis)} / {sinceArrival(axis.duration, axis)}
        </span>
        <fieldset class="row contact-speeds">
          <legend class="unseen">{t('speed')}</legend>
          {SPEEDS.map((speed) => (
            <button
              key={speed}
              type="button"
              aria-pressed={playback.speed === speed}
              onClick={() => playback.setSpeed(speed)}
            >
              {number(speed)}×
            </button>
          ))}
        </fieldset>
        {presses.length > 0 && (
          <button type="button" onClick={toPress} aria-keyshortcuts="p">
            {t('toPress')}
          </button>
        )}
        {strongest !== null && (
          <button type="button" onClick={toStrongest} aria-keyshortcuts="m" title={t('strongestAbout')}>
            {t('toStrongest')}
          </button>
        )}
      </div>
      <Timeline {...{ axis, layers, waveform, presses, playback, media }} />
      <Legend layers={layers} />
      {timelines.length > 0 && <p class="muted contact-estimates">{tl('estimates')}</p>}
      <MomentsTable {...{ axis, layers, presses }} onSeek={playback.seek} />
    </section>
  );
}

function PlaySign({ playing }: { playing: boolean }) {
  return (
    <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" class="contact-sign">
      <path d={playing ? 'M1 0h3.5v12H1zM7.5 0H11v12H7.5z' : 'M1 0l11 6L1 12z'} />
    </svg>
  );
}

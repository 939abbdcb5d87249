import type { RefObject } from 'preact';
import { useMemo, useState } from 'preact/hooks';

export const SPEEDS = [1, 1.25, 1.5, 2] as const;
/** Kept from one contact to the next: somebody who listens fast listens fast to all. */
let speedChosen: number = SPEEDS[0];

/** How the clip is being played. Times in ms of the clip. */
export interface Playback {
  readonly time: number;
  readonly playing: boolean;
  readonly speed: number;
  /** The browser does not let it begin by itself. */
  readonly blocked: boolean;
  readonly broken: boolean;
  readonly seek: (to: number) => void;
  readonly skip: (by: number) => void;
  readonly toggle: () => void;
  readonly setSpeed: (speed: number) => void;
  readonly events: {
    readonly onLoadedMetadata: () => void;
    readonly onTimeUpdate: () => void;
    readonly onSeeking: () => void;
    readonly onPlay: () => void;
    readonly onPause: () => void;
    readonly onError: () => void;
  };
}

/** The speed before or after one, as far as there is any. */
export function speedNext(speed: number, step: 1 | -1): number {
  const place = SPEEDS.findIndex((one) => one >= speed);
  return SPEEDS[place + step] ?? speed;
}

/** Plays a clip that begins to play at once, at `start`; `duration`: its length. Both in ms. */
export function usePlayback(
  media: RefObject<HTMLMediaElement | null>,
  start: number,
  duration: number,
): Playback {
  const [time, setTime] = useState(start);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState(speedChosen);
  const [blocked, setBlocked] = useState(false);
  const [broken, setBroken] = useState(false);
  const acts = useMemo(() => {
    const play = () => {
      media.current?.play().then(
        () => setBlocked(false),
        (error: DOMException) => {
          // Anything else tells of itself by the element's `error`.
          if (error.name === 'NotAllowedError') setBlocked(true);
        },
      );
    };
    const seek = (to: number) => {
      const element = media.current;
      if (!element) return;
      const at = Math.min(Math.max(0, to), duration);
      element.currentTime = at / 1000;
      setTime(at);
    };
    const tell = () => media.current && setTime(media.current.currentTime * 1000);
    return {
      seek,
      skip: (by: number) => media.current && seek(media.current.currentTime * 1000 + by),
      toggle: () => (media.current?.paused ? play() : media.current?.pause()),
      setSpeed: (to: number) => {
        speedChosen = to;
        setSpeed(to);
        if (media.current) media.current.playbackRate = to;
      },
      events: {
        onLoadedMetadata: () => {
          if (media.current) media.current.playbackRate = speedChosen;
          seek(start);
          play();
        },
        onTimeUpdate: tell,
        onSeeking: tell,
        onPlay: () => setPlaying(true),
        onPause: () => setPlaying(false),
        onError: () => setBroken(true),
      },
    };
  }, [media, start, duration]);
  return { time, playing, speed, blocked, broken, ...acts };
}

import type { Zone } from '../../models/session.ts';
import { CaError } from '../errors.ts';
import { FRAME_HEIGHT, FRAME_WIDTH } from '../recording/ffmpeg-args.ts';
import type { Size } from './media-probe.ts';

/** The zone of `left,top,right,bottom`, as shares. @throws CaError CA_USAGE */
export function parseZone(text: string): Zone {
  const [left = Number.NaN, top = Number.NaN, right = Number.NaN, bottom = Number.NaN, ...more] = text
    .split(',')
    .map((edge) => (edge.trim() === '' ? Number.NaN : Number(edge)));
  const between = (low: number, high: number) => low >= 0 && low < high && high <= 1;
  if (more.length > 0 || !between(left, right) || !between(top, bottom))
    throw new CaError('CA_USAGE', `--zone ${text} is no part of a picture`, {
      remedy:
        'Write left,top,right,bottom as shares of width and height, such as 0.5,0,1,1 for the right half.',
    });
  return { left, top, right, bottom };
}

/** Where in a recorder's frame the zone of a video lies: its pictures are shrunk into the frame, with black bars beside them. */
export function zoneInFrame(zone: Zone, { width, height }: Size): Zone {
  const scale = Math.min(FRAME_WIDTH / width, FRAME_HEIGHT / height);
  const [across, down] = [(width * scale) / FRAME_WIDTH, (height * scale) / FRAME_HEIGHT];
  const x = (share: number) => (1 - across) / 2 + share * across;
  const y = (share: number) => (1 - down) / 2 + share * down;
  return { left: x(zone.left), right: x(zone.right), top: y(zone.top), bottom: y(zone.bottom) };
}

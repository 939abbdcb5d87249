import { duration } from '../words.ts';
import type { Axis } from './layers.ts';

/** A moment of the clip (ms) as time since the arrival, such as 1:07; before it, −0:03. */
export function sinceArrival(at: number, { arrival }: Pick<Axis, 'arrival'>): string {
  const text = duration(Math.abs(at - arrival));
  return at < arrival && text !== '0:00' ? `−${text}` : text;
}

import type { FaceBox } from '../models/face-scorer.ts';
import type { Area } from './picture-area.ts';

/** Where a face counts, as shares of the picture: its middle must lie between the edges, and it must be high enough. */
export interface FaceZone {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly smallest: number;
}

/** True when somebody stands there. `area`: where in the frame that was searched the picture lies. */
export function anybodyIn(zone: FaceZone, faces: readonly FaceBox[], area: Area): boolean {
  return faces.some((face) => {
    const x = (face.x + face.width / 2 - area.x) / area.width;
    const y = (face.y + face.height / 2 - area.y) / area.height;
    const inside = x >= zone.left && x <= zone.right && y >= zone.top && y <= zone.bottom;
    return inside && face.height / area.height >= zone.smallest;
  });
}

/**
 * Somebody is there from the first face until none has been seen for `hold`: a head that is turned or bent over a form
 * is no face for a while. All in monotonic milliseconds; `seenAt` null: never.
 */
export function isThere(seenAt: number | null, now: number, hold: number): boolean {
  return seenAt !== null && now - seenAt < hold;
}

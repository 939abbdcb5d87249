import type { Face, Point } from './blazeface.ts';
import type { Picture, Square } from './picture.ts';

export const TRACKER_LIMITS = {
  /** Correlation of the patch, −1 to 1; below it the face is lost, or has changed too much to be read by its old landmarks. */
  'track.match': 0.8,
} as const;

/** Cells along one side of the patch, how many of them the face may have moved, to each side, since the last picture, and by how many it is looked for at first. */
const CELLS = 20;
const REACH = 10;
const STEP = 2;
const AREA = CELLS + 2 * REACH;
/** How much larger or smaller it may be, and how far it is then looked for about the best place of the old size, in cells. */
const SCALES = [1 / 1.07, 1.07];
const NEAR = 2;
/** So many pixels a side at most are averaged for one cell. */
const SAMPLES = 4;

/** A place of the patch, in cells from where it was, and how well it fits there. */
interface Match extends Point {
  readonly score: number;
}

/**
 * Follows one face from picture to picture: a patch of 20 × 20 grey values, looked for around its last place by
 * normalised cross-correlation, also a little larger and smaller. It stands for a face for seconds: it is made anew at
 * each detection and gone with the tracker; it is never stored, sent, or compared with another contact's, and nobody
 * could be recognised by it.
 */
export class FaceTracker {
  readonly #patch: Float32Array;
  #square: Square;

  constructor(picture: Picture, square: Square) {
    this.#square = square;
    this.#patch = normalised(cells(picture, square, square.side / CELLS, CELLS));
  }

  /** Where the face is now, in pixels; null when it is not to be seen near its last place. */
  follow(picture: Picture): Square | null {
    const same = this.#search(picture, 1, { x: 0, y: 0 }, REACH, STEP);
    let best = { ...same, scale: 1 };
    for (const scale of SCALES) {
      const from = { x: Math.round(same.x / scale), y: Math.round(same.y / scale) };
      const found = this.#search(picture, scale, from, NEAR, 1);
      if (found.score > best.score) best = { ...found, scale };
    }
    if (best.score < TRACKER_LIMITS['track.match']) return null;
    const { x, y, side } = this.#square;
    const cell = (side / CELLS) * best.scale;
    const grown = (side * (best.scale - 1)) / 2;
    this.#square = { x: x - grown + best.x * cell, y: y - grown + best.y * cell, side: side * best.scale };
    return this.#square;
  }

  /** The best place of the patch at one scale, up to `reach` cells from `from`: in steps at first, then around the best of them. */
  #search(picture: Picture, scale: number, from: Point, reach: number, step: number): Match {
    const { x, y, side } = this.#square;
    const cell = (side / CELLS) * scale;
    const half = (AREA * cell) / 2;
    const area = cells(picture, { x: x + side / 2 - half, y: y + side / 2 - half }, cell, AREA);
    const score = (dx: number, dy: number) => {
      const inside = Math.abs(dx) <= REACH && Math.abs(dy) <= REACH;
      return inside ? correlation(this.#patch, area, dx + REACH, dy + REACH) : -1;
    };
    let best = bestOf(score, from, reach, step);
    if (step > 1) best = bestOf(score, best, step - 1, 1);
    return {
      x: best.x + peak(score(best.x - 1, best.y), best.score, score(best.x + 1, best.y)),
      y: best.y + peak(score(best.x, best.y - 1), best.score, score(best.x, best.y + 1)),
      score: best.score,
    };
  }
}

/** The best of the places up to `reach` from one, every `step` of them. */
function bestOf(score: (x: number, y: number) => number, from: Point, reach: number, step: number): Match {
  let best: Match = { ...from, score: -1 };
  for (let y = from.y - reach; y <= from.y + reach; y += step) {
    for (let x = from.x - reach; x <= from.x + reach; x += step) {
      const found = score(x, y);
      if (found > best.score) best = { x, y, score: found };
    }
  }
  return best;
}

/** The face where it went with its square: everything about it is moved and scaled alike. */
export function moved(face: Face, from: Square, to: Square): Face {
  const scale = to.side / from.side;
  const move = (point: Point): Point => ({
    x: to.x + (point.x - from.x) * scale,
    y: to.y + (point.y - from.y) * scale,
  });
  const landmarks = Object.fromEntries(
    Object.entries(face.landmarks).map(([name, point]) => [name, move(point)]),
  );
  return {
    ...face,
    ...move(face),
    width: face.width * scale,
    height: face.height * scale,
    landmarks: landmarks as Face['landmarks'],
  };
}

/** Mean green, which is most of the luma, of `count` × `count` cells of `cell` pixels from a corner on; the border goes on beyond the picture. */
function cells(picture: Picture, corner: Point, cell: number, count: number): Float32Array {
  const { width, height, rgb } = picture;
  const samples = Math.min(Math.max(Math.round(cell), 1), SAMPLES);
  const places = (from: number, length: number) =>
    Int32Array.from({ length: count * samples }, (_, n) =>
      Math.min(Math.max(Math.floor(from + ((n + 0.5) * cell) / samples), 0), length - 1),
    );
  const [columns, rows] = [places(corner.x, width), places(corner.y, height)];
  const means = new Float32Array(count * count);
  rows.forEach((row, y) => {
    const line = Math.floor(y / samples) * count;
    for (let x = 0; x < columns.length; x++) {
      const at = line + Math.floor(x / samples);
      means[at] = (means[at] ?? 0) + (rgb[(row * width + (columns[x] ?? 0)) * 3 + 1] ?? 0);
    }
  });
  return means;
}

/** Mean 0, length 1; an even patch becomes 0, which fits nowhere. */
function normalised(values: Float32Array): Float32Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const length = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
  return values.map((value) => (length > 0 ? (value - mean) / length : 0));
}

/** Of the patch, normalised, with the part of the area that begins at cell (left, top). */
function correlation(patch: Float32Array, area: Float32Array, left: number, top: number): number {
  let [sum, squares, product] = [0, 0, 0];
  for (let y = 0; y < CELLS; y++) {
    const line = (top + y) * AREA + left;
    for (let x = 0; x < CELLS; x++) {
      const value = area[line + x] ?? 0;
      sum += value;
      squares += value * value;
      product += value * (patch[y * CELLS + x] ?? 0);
    }
  }
  const spread = squares - (sum * sum) / patch.length;
  return spread > 0 ? product / Math.sqrt(spread) : 0;
}

/** Where between −0.5 and 0.5 the parabola through three neighbours has its top. */
function peak(before: number, at: number, after: number): number {
  const bend = before - 2 * at + after;
  return bend < 0 ? Math.min(Math.max((before - after) / (2 * bend), -0.5), 0.5) : 0;
}

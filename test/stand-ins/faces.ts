import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Face } from '../../models/blazeface.ts';
import type { Picture } from '../../models/picture.ts';

/** Faces before a camera: photographs in frames as the recorder delivers them, still, swaying, or with the head bent. */

const WIDTH = 640;
const HEIGHT = 480;
const MEDIA = fileURLToPath(new URL('../../.cache/media/', import.meta.url));

/** A photograph, and the part of it that is shown. */
const SOURCES = {
  /** Eileen Collins, smiling; a photograph by NASA, in the public domain, from Debian's python3-imageio. */
  astronaut: ['astronaut.png', 'crop=300:300:75:0'],
  /** The rest from npm's argon-design-system-free (MIT). Happy, with a cap. */
  christian: ['faces/christian.jpg', 'null'],
  /** Neutral; a strand of hair across the face. */
  fezbot: ['faces/fezbot.jpg', 'crop=700:700:0:0'],
  /** Neutral; heavily made up. */
  ali: ['faces/ali-pazani.jpg', 'null'],
  /** Round sunglasses: the net calls it negative. */
  atikh: ['faces/atikh.jpg', 'crop=600:600:350:0'],
  /** Sunglasses and a hat, turned aside: the net calls it negative. */
  michael: ['faces/michael.jpg', 'null'],
  /** Sunglasses. */
  'team-1': ['faces/team-1.jpg', 'null'],
  /** Turned aside, neutral. */
  'team-3': ['faces/team-3.jpg', 'null'],
  /** A wide hat; looks aside. */
  'team-4': ['faces/team-4.jpg', 'null'],
  /** In profile, the face in the shadow of a hat. */
  'team-5': ['faces/team-5.jpg', 'null'],
} as const;
export type FaceName = keyof typeof SOURCES;

const FITTED = `scale=${WIDTH}:${HEIGHT}:force_original_aspect_ratio=decrease,pad=${WIDTH}:${HEIGHT}:-1:-1`;

/** A still picture; `filter` of ffmpeg is applied to the frame. */
export function still(name: FaceName, filter = 'null'): Picture {
  const [picture] = run(['-i', source(name)], `${SOURCES[name][1]},${FITTED},${filter}`, 1);
  if (!picture) throw new Error('ffmpeg made no picture');
  return picture;
}

/** The face swaying before the camera, and nearing it and going back, `fps` pictures a second; `filter` last, with `t` in seconds. */
export function film(name: FaceName, seconds: number, fps: number, filter = 'null'): Picture[] {
  const sway = `zoompan=z='1.2+0.1*sin(on/${fps})':x='iw*0.08+iw*0.03*sin(on/${fps}*1.5)':y='ih*0.05+ih*0.02*sin(on/${fps}*2)'`;
  // Enlarged first: zoompan cuts whole pixels out, and the face would tremble.
  const enlarged = `${SOURCES[name][1]},${FITTED},scale=4*iw:-1,loop=-1:1:0`;
  const graph = `${enlarged},${sway}:d=1:s=${WIDTH}x${HEIGHT}:fps=${fps},${filter}`;
  return run(['-i', source(name)], graph, seconds * fps);
}

/** Two faces side by side, each as high as given in pixels of its frame, the left one's middle at `x`. */
export function pair(left: FaceName, leftHeight: number, right: FaceName, rightHeight: number): Picture {
  const fitted = (name: FaceName, height: number, label: string) =>
    `${SOURCES[name][1]},scale=-2:${height},crop='min(iw,320)':ih,pad=320:480:-1:-1:gray[${label}]`;
  const graph = `[0]${fitted(left, leftHeight, 'a')};[1]${fitted(right, rightHeight, 'b')};[a][b]hstack`;
  const [picture] = run(['-i', source(left), '-i', source(right)], graph, 1);
  if (!picture) throw new Error('ffmpeg made no picture');
  return picture;
}

/**
 * The head bent down, as over a form on the desk: the front of an ellipsoid with a nose, as wide as from ear to ear,
 * turned about the line through the ears, seen from far away. What comes to lie behind is hidden.
 */
export function bent({ width, height, rgb }: Picture, { landmarks: at }: Face, degrees: number): Picture {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const middle = { x: (at.rightEar.x + at.leftEar.x) / 2, y: (at.rightEye.y + at.leftEye.y) / 2 };
  const half = Math.abs(at.leftEar.x - at.rightEar.x) * 0.525;
  const eyes = Math.abs(at.leftEye.x - at.rightEye.x);
  const depth = (x: number, y: number) => {
    const round = 1 - ((x - middle.x) / half) ** 2 - ((y - middle.y) / (1.45 * half)) ** 2;
    const across = (x - at.noseTip.x) / (0.22 * eyes);
    const along = (y - at.noseTip.y) / ((y < at.noseTip.y ? 0.5 : 0.18) * eyes);
    const nose = Math.abs(across) < 2 ? 0.35 * eyes * Math.exp(-(across ** 2) - along ** 2) : 0;
    return half * Math.sqrt(Math.max(round, 0)) + nose;
  };
  const result = new Uint8Array(rgb.length);
  for (let x = 0; x < width; x++) {
    const from = new Float32Array(height).fill(-1);
    const nearest = new Float32Array(height).fill(Number.NEGATIVE_INFINITY);
    for (let y = 0; y < height; y += 0.5) {
      const front = depth(x, y);
      const to = Math.round(middle.y + (y - middle.y) * cos + front * sin);
      const near = front * cos - (y - middle.y) * sin;
      if (near > (nearest[to] ?? Number.POSITIVE_INFINITY)) {
        nearest[to] = near;
        from[to] = y;
      }
    }
    // A gap, where the skin is stretched, takes what is above it.
    for (let y = 0, row = 0; y < height; y++) {
      row = Math.max(from[y] ?? -1, -1) < 0 ? row : Math.floor(from[y] ?? 0);
      result.set(rgb.subarray((row * width + x) * 3, (row * width + x) * 3 + 3), (y * width + x) * 3);
    }
  }
  return { width, height, rgb: result };
}

function source(name: FaceName): string {
  const file = MEDIA + SOURCES[name][0];
  if (!existsSync(file)) throw new Error(`${file} is missing: run npm test, which makes it`);
  return file;
}

function run(inputs: readonly string[], graph: string, count: number): Picture[] {
  const output = ['-frames:v', String(count), '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const args = ['-v', 'error', ...inputs, '-filter_complex', graph, ...output];
  const bytes = execFileSync('ffmpeg', args, { maxBuffer: Number.POSITIVE_INFINITY });
  const size = WIDTH * HEIGHT * 3;
  if (bytes.length !== count * size)
    throw new Error(`ffmpeg made ${bytes.length / size} of ${count} pictures`);
  return Array.from({ length: count }, (_, n) => ({
    width: WIDTH,
    height: HEIGHT,
    rgb: bytes.subarray(n * size, (n + 1) * size),
  }));
}

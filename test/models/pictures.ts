import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { VideoFrame } from '../../drivers/types.ts';

const ASTRONAUT = fileURLToPath(new URL('../../.cache/media/astronaut.png', import.meta.url));

/** Eileen Collins, smiling; a photograph by NASA, in the public domain, from Debian's python3-imageio. */
export const happyFrame = () => frame('null');
/** The same face from near: 200 × 150 pixels of the photograph, from (125, 45), 3.2 times as large. */
export const nearFrame = () => frame('crop=200:150:125:45');
/** The lower half of the same photograph: a space suit, a helmet, no face. */
export const facelessFrame = () => frame('crop=iw:ih*0.6:0:ih*0.4');

/** A part of the photograph as the recorder delivers its frames: 640 × 480, scaled and padded. */
function frame(part: string): VideoFrame {
  if (!existsSync(ASTRONAUT)) throw new Error(`${ASTRONAUT} is missing: run npm test, which makes it`);
  const [width, height] = [640, 480];
  const filter = `${part},scale=${width}:${height}:force_original_aspect_ratio=decrease,pad=${width}:${height}:-1:-1`;
  const output = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
  const rgb = execFileSync('ffmpeg', ['-v', 'error', '-i', ASTRONAUT, '-vf', filter, ...output]);
  return { width, height, rgb, at: { mono: 0, wall: 0 } };
}

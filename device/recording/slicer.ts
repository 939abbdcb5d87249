import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import ffmpeg from 'fluent-ffmpeg';
import { CaError, messageOf } from '../errors.ts';
import { withoutCredentials } from '../log.ts';
import type { CutPlan } from './cut-plan.ts';
import { MPEGTS_SHIFT } from './ts-index.ts';

/** Asked for this much (s) earlier, lest rounding should lose the first picture. Less than there is between two. */
const MARGIN = 0.005;

/**
 * Cuts `plan` out of its segments into `output`, an MP4 that can be played while it is still loading, without
 * encoding anything again. Resolves with its duration (ms). Segments of mpegts may be put end to end as they are,
 * and their time stamps then tell gaps and all; through ffmpeg's concat demuxer they slip at each join.
 */
export async function slice(plan: CutPlan, output: string): Promise<number> {
  const stream = Readable.from(bytesOf(plan.files), { objectMode: false });
  try {
    await new Promise<void>((resolve, reject) => {
      ffmpeg(stream)
        .inputOptions(['-copyts', '-f', 'mpegts'])
        .outputOptions([
          ...['-ss', (plan.from + MPEGTS_SHIFT - MARGIN).toFixed(6)],
          ...['-to', (plan.to + MPEGTS_SHIFT).toFixed(6)],
          ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy'],
          ...['-avoid_negative_ts', 'make_zero', '-movflags', '+faststart', '-f', 'mp4'],
        ])
        .on('error', reject)
        .on('end', () => resolve())
        .save(output);
    });
    return await durationOf(output);
  } catch (cause) {
    await rm(output, { force: true });
    const why = withoutCredentials(messageOf(cause)).split('\n')[0];
    throw new CaError('CA_CLIP_FAILED', `the clip could not be cut: ${why}`, { cause });
  } finally {
    stream.destroy();
  }
}

async function* bytesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file);
}

function durationOf(file: string): Promise<number> {
  return new Promise((resolve, reject) => {
    ffmpeg.ffprobe(file, (error: unknown, data) => {
      const seconds = Number(data?.format?.duration);
      if (error) reject(error);
      else if (seconds > 0) resolve(seconds * 1000);
      else reject(new Error('it is empty'));
    });
  });
}

import type { FileHandle } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { INPUT, MediaProgram, unreadable } from './media-program.ts';

/** What a recording is. `duration`: seconds, as its container says; null: it does not. */
export type Recording =
  | { readonly kind: 'picture' }
  | {
      readonly kind: 'video';
      readonly duration: number | null;
      readonly size: Size;
      readonly channels: number;
    }
  | { readonly kind: 'sound'; readonly duration: number | null; readonly channels: number };

/** Of a picture, pixels, the way it is to be looked at. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What ffprobe is asked for, as it answers. */
const answer = z.object({
  format: z.object({ format_name: z.string(), duration: z.string().optional() }),
  streams: z.array(
    z.object({
      codec_type: z.string().optional(),
      width: z.number().default(0),
      height: z.number().default(0),
      channels: z.number().default(0),
      nb_read_packets: z.string().default('0'),
      disposition: z.object({ attached_pic: z.number() }),
      side_data_list: z.array(z.object({ rotation: z.number().optional() })).default([]),
    }),
  ),
});
export type Answer = z.input<typeof answer>;

const ENTRIES = [
  'format=format_name,duration',
  'stream=codec_type,width,height,channels,nb_read_packets',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':');

/** Two packets are enough to tell a picture from a film; none is decoded. */
const TWO_PACKETS = ['-count_packets', '-read_intervals', '%+#2'];

/** Finds out what a recording is. @throws CaError CA_RECORDING_UNREADABLE, CA_TOOL_MISSING */
export async function probe(recording: FileHandle): Promise<Recording> {
  const asked = ['-v', 'error', '-of', 'json', ...TWO_PACKETS, '-show_entries', ENTRIES];
  const program = new MediaProgram('ffprobe', [...asked, ...INPUT], recording);
  const said = await text(program.output);
  await program.ended();
  return recordingOf(JSON.parse(said));
}

/** What ffprobe's answer means. @throws CaError CA_RECORDING_UNREADABLE for what has neither pictures nor sound */
export function recordingOf(said: unknown): Recording {
  const { format, streams } = answer.parse(said);
  // The cover of a record is no video.
  const pictures = streams.find(
    (stream) => stream.codec_type === 'video' && stream.disposition.attached_pic === 0,
  );
  const sound = streams.find((stream) => stream.codec_type === 'audio' && stream.channels > 0);
  const seconds = Number(format.duration);
  const duration = Number.isFinite(seconds) && seconds > 0 ? seconds : null;
  if (!pictures) {
    if (!sound) throw unreadable('has neither pictures nor sound');
    return { kind: 'sound', duration, channels: sound.channels };
  }
  // `png_pipe` and the like are formats of one picture; a GIF may be either.
  const one = /_pipe$/.test(format.format_name) || (!sound && pictures.nb_read_packets === '1');
  if (one) return { kind: 'picture' };
  const { width, height } = pictures;
  if (width <= 0 || height <= 0) throw unreadable('is a video whose pictures cannot be decoded');
  // A telephone films as it is held, and says how; ffmpeg turns the pictures before anything else.
  const turned = pictures.side_data_list.some(({ rotation = 0 }) => Math.abs(rotation) % 180 === 90);
  const size = turned ? { width: height, height: width } : { width, height };
  return { kind: 'video', duration, size, channels: sound?.channels ?? 0 };
}

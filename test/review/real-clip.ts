import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../../device/clock.ts';
import { CHUNK } from '../../device/recording/sealed-file.ts';
import type { ClipRecord } from '../../device/store/records.ts';
import { contact, putContacts, readyClip } from './contacts.ts';
import type { Shelf } from './review-rig.ts';

const run = promisify(execFile);

/**
 * A clip as the recorder writes them, fragmented: a moving picture of 320 × 240 for `seconds`, and of two channels the left
 * one loud in the first half, the right one in the second.
 */
export async function realClip(seconds: number, { picture = true, size = '320x240' } = {}): Promise<Buffer> {
  const half = seconds / 2;
  const sound = `aevalsrc='0.8*sin(2500*t)*lt(t,${half})|0.4*sin(2500*t)*gte(t,${half})':s=16000:d=${seconds}`;
  const { stdout } = await run(
    'ffmpeg',
    [
      ...['-nostdin', '-loglevel', 'error'],
      ...(picture ? ['-f', 'lavfi', '-i', `testsrc=s=${size}:r=15:d=${seconds}`] : []),
      ...['-f', 'lavfi', '-i', sound],
      ...(picture ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '15', '-pix_fmt', 'yuv420p'] : []),
      ...['-c:a', 'aac', '-movflags', 'frag_keyframe+delay_moov+default_base_moof', '-f', 'mp4', 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 200_000_000 },
  );
  return stdout;
}

/** Puts a contact with that clip into the store and the vault. */
export async function putClip(
  rig: Shelf,
  id: string,
  bytes: Buffer,
  about: Parameters<typeof contact>[2] & { mediaType?: 'video/mp4' | 'audio/mp4'; seconds?: number } = {},
): Promise<ClipRecord> {
  const { mediaType = 'video/mp4', seconds = 4, ...rest } = about;
  const writing = await rig.vault.begin(id);
  for (let at = CHUNK; at < bytes.length; at += CHUNK) await writing.write(bytes.subarray(at, at + CHUNK));
  const stored = await writing.finish(bytes.subarray(0, CHUNK), systemClock.now(), mediaType);
  const clip = readyClip(id, { ...stored, mediaType, duration: seconds * 1000, preRoll: 1_000 });
  putContacts(rig, contact(id, Date.parse('2026-03-02T09:00:00Z'), { ...rest, clip }));
  return clip;
}

import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ContactRecord } from '../../store/records.ts';
import { whoOf } from '../access/who.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { PipedFfmpeg } from './filter.ts';
import { markedArgs } from './marked.ts';
import type { Turns } from './turns.ts';
import type { ReadyClip } from './watching.ts';

/** What is told beside a clip that was not encoded again, and so carries no mark itself. `blind`: without its tag. */
export function manifestOf(
  { contact, clip }: { contact: ContactRecord; clip: ReadyClip },
  by: { account: string; device: string; at: string },
  blind: boolean,
): object {
  const { mediaType, bytes, sha256, duration, preRoll, manifest } = clip;
  return {
    file: fileName(contact, clip, 'original'),
    contact: {
      ...{ id: contact.id, desk: contact.desk, startedAt: contact.startedAt, endedAt: contact.endedAt },
      ...(blind ? { tag: null, tagSource: null } : { tag: contact.tag, tagSource: contact.tagSource }),
    },
    ...{ mediaType, bytes, sha256, duration, preRoll },
    cut: manifest,
    downloaded: { by: by.account, at: by.at, device: by.device },
  };
}

/** Nobody can be known by it. */
export function fileName(
  contact: ContactRecord,
  { mediaType }: { mediaType: string | null },
  form: 'original' | 'marked' | 'manifest',
): string {
  const sound = mediaType === 'audio/mp4';
  const end = { original: sound ? '.m4a' : '.mp4', marked: '-marked.mp4', manifest: '.json' }[form];
  return `contact-${contact.id}${end}`;
}

/** Sends the clip with who asked and when drawn over its pictures, encoded anew as it is sent. One at a time. */
export async function sendMarked(
  request: FastifyRequest,
  reply: FastifyReply,
  { contact, clip }: { contact: ContactRecord; clip: ReadyClip },
  parts: PageParts,
  turns: Turns,
): Promise<FastifyReply> {
  const { clips, clock, device, log } = parts;
  if (!clip.mediaType?.startsWith('video/'))
    throw new Refusal(
      409,
      'no-picture',
      'There is no picture to draw on: take the original and its manifest.',
    );
  // Told in words while that is still possible.
  await clips.size(clip.file);
  const begun = Promise.withResolvers<void>();
  const turn = turns.take(async () => {
    const mark = { account: whoOf(request).name, device, at: new Date(clock.now().wall).toISOString() };
    const ffmpeg = new PipedFfmpeg(clips.open(clip.file), markedArgs(mark));
    const gone = () => ffmpeg.kill();
    reply.raw.once('close', gone);
    if (reply.raw.destroyed) gone();
    try {
      // Until the first bytes come a failure can be told in words; after that only the connection can be broken off.
      await Promise.race([once(ffmpeg.output, 'readable'), ffmpeg.done]);
      if (ffmpeg.output.readableLength === 0) await ffmpeg.done;
      if (reply.raw.destroyed) return;
      request.note('clip.download', { contactId: contact.id, form: 'marked' });
      reply
        .type('video/mp4')
        .header('content-disposition', `attachment; filename="${fileName(contact, clip, 'marked')}"`)
        .send(Readable.from(output(ffmpeg), { objectMode: false }));
      begun.resolve();
      await ffmpeg.done.catch((error) => log.error({ contact: contact.id, err: error }, 'a clip broke off'));
    } finally {
      ffmpeg.kill();
    }
  });
  await Promise.race([begun.promise, turn]);
  return reply;
}

/** What ffmpeg makes; where it fails this breaks off, instead of ending as if all were well. */
async function* output(ffmpeg: PipedFfmpeg): AsyncGenerator<Buffer> {
  try {
    yield* ffmpeg.output;
    await ffmpeg.done;
  } finally {
    ffmpeg.kill();
  }
}

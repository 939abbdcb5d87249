import { once } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CaError } from '../../errors.ts';
import { whoOf } from '../access/who.ts';
import type { PageParts } from '../parts.ts';
import { toldOf } from '../told.ts';
import { parseRange } from './range.ts';
import { readyClip } from './watching.ts';

/** Sends the clip of a contact, whole or the range asked for. Whether the asker may see it, the caller has found out. */
export async function sendClip(
  request: FastifyRequest,
  reply: FastifyReply,
  id: string,
  { store, clips, clock, log }: PageParts,
): Promise<FastifyReply> {
  const { contact, clip } = readyClip(store, id);
  const unreadable = (error: unknown): null => {
    if (!(error instanceof CaError)) throw error;
    log.error({ contact: contact.id, err: error }, 'a clip cannot be read');
    reply
      .code(error.code === 'CA_CLIP_NOT_FOUND' ? 404 : 500)
      .type('application/json')
      .send(toldOf(error, request).answer);
    return null;
  };
  const size = await clips.size(clip.file).catch(unreadable);
  if (size === null) return reply;

  reply.header('accept-ranges', 'bytes').type(clip.mediaType ?? 'application/octet-stream');
  // RFC 9110 §14.2: Range means something for GET only.
  if (request.method === 'HEAD') return reply.header('content-length', size).send();

  const range = parseRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    return reply
      .code(416)
      .header('content-range', `bytes */${size}`)
      .type('application/json')
      .send({ error: 'range', message: `The clip has ${size} bytes.` });
  }
  const whole = range === 'whole';
  const { accountId } = whoOf(request);
  // Before a byte is read: what cannot be written down is not shown.
  request.server.clipViews.asked(
    ...([accountId, contact.id, whole || range.start === 0, clock.now().wall] as const),
    () => request.note('clip.view', { contactId: contact.id }),
  );
  const stream = whole ? clips.open(clip.file) : clips.open(clip.file, range);
  // A clip that is damaged at once can still be told in words; later only the connection can be broken off.
  try {
    await once(stream, 'readable');
  } catch (error) {
    stream.destroy();
    unreadable(error);
    return reply;
  }
  stream.once('error', (error) => log.error({ contact: contact.id, err: error }, 'a clip broke off'));
  if (!whole) {
    reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
  }
  reply.header('content-length', whole ? size : range.end - range.start + 1);
  return reply.send(stream);
}

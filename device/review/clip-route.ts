import { once } from 'node:events';
import type { FastifyInstance } from 'fastify';
import { CaError } from '../errors.ts';
import { parseRange } from './range.ts';
import type { PageSources } from './sources.ts';

type Sources = Pick<PageSources, 'contacts' | 'clips' | 'log'>;

/** JSON Schema of the `:id` in an address. */
export const contactId = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } },
} as const;

/** The answer for an id that no contact has. */
export const unknownContact = { error: 'unknown-contact', message: 'No contact has this id.' };

/** `GET /api/contacts/:id/clip`: the clip as a stream, whole or the range asked for, so that a player can seek. */
export function addClipRoute(app: FastifyInstance, { contacts, clips, log }: Sources): void {
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: '/api/contacts/:id/clip',
    schema: { params: contactId },
    async handler(request, reply) {
      const contact = contacts.byId(request.params.id);
      if (!contact) return reply.code(404).send(unknownContact);
      const clip = contact.clip;
      if (clip?.state !== 'ready' || clip.file === null) {
        return reply.code(404).send({ error: 'no-clip', message: 'This contact has no clip.' });
      }
      const unreadable = (error: unknown): null => {
        if (!(error instanceof CaError)) throw error;
        log.error({ contact: contact.id, err: error }, 'a clip cannot be read');
        const message = `${error.message}. ${error.remedy}`;
        reply
          .code(error.code === 'CA_CLIP_NOT_FOUND' ? 404 : 500)
          .type('application/json')
          .send({ error: error.code, message });
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
      const stream = whole ? clips.open(clip.file) : clips.open(clip.file, range);
      // A clip that is damaged at once can still be told in words; later only the connection can be broken off.
      if (!(await once(stream, 'readable').catch(unreadable))) return reply;
      stream.once('error', (error) => log.error({ contact: contact.id, err: error }, 'a clip broke off'));
      // A player asks many times for one view; each view begins with the first byte.
      if (whole || range.start === 0) log.info({ contact: contact.id }, 'clip opened in the page');
      if (!whole) {
        reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
      }
      reply.header('content-length', whole ? size : range.end - range.start + 1);
      return reply.send(stream);
    },
  });
}

import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import Fastify, { type FastifyInstance } from 'fastify';
import type { IndicesRecord } from '../store/records.ts';
import type { ChangeStream } from './changes.ts';
import { addClipRoute, contactId, unknownContact } from './clip-route.ts';
import { guard } from './guard.ts';
import { localDay } from './local-day.ts';
import type { PageSources } from './sources.ts';

const PAGE = fileURLToPath(new URL('./page/', import.meta.url));

/** The web application, not yet listening. */
export function createApp(sources: PageSources, changes: ChangeStream): FastifyInstance {
  const { device, contacts, desks, health, clock, log } = sources;
  const app = Fastify({ logger: false, forceCloseConnections: true });

  app.addHook('onRequest', guard);
  app.setNotFoundHandler((_request, reply) => {
    return reply.code(404).send({ error: 'not-found', message: 'There is nothing at this address.' });
  });
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: 'bad-request', message: error.message });
    log.error({ err: error, route: request.routeOptions.url }, 'the page could not answer');
    return reply.code(500).send({ error: 'internal', message: 'The log of the service says what happened.' });
  });

  app.register(fastifyStatic, { root: PAGE, index: 'page.html', cacheControl: false });

  app.get('/api/today', () => {
    const { wall } = clock.now();
    const { from, to } = localDay(wall);
    const present = desks();
    const perDesk: Record<string, IndicesRecord> = {};
    for (const { desk } of present) perDesk[desk] = contacts.indices(from, to, desk);
    return {
      device,
      now: new Date(wall).toISOString(),
      // The page shows the clinic's time, also in a browser that lives in another zone.
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      desks: present,
      contacts: contacts.between(from, to),
      indices: { day: contacts.indices(from, to), desks: perDesk },
    };
  });

  app.get('/api/health', () => health());

  app.get<{ Params: { id: string } }>(
    '/api/contacts/:id',
    { schema: { params: contactId } },
    (request, reply) => {
      const contact = contacts.byId(request.params.id);
      return contact ?? reply.code(404).send(unknownContact);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/api/contacts/:id/timelines',
    { schema: { params: contactId } },
    (request, reply) => {
      const { id } = request.params;
      return contacts.byId(id) ? contacts.timelines(id) : reply.code(404).send(unknownContact);
    },
  );

  addClipRoute(app, sources);

  app.get('/api/changes', { exposeHeadRoute: false }, (_request, reply) => {
    const stream = changes.join();
    if (!stream) {
      const message = 'Too many pages are open.';
      return reply.code(503).header('retry-after', '10').send({ error: 'busy', message });
    }
    return reply.type('text/event-stream').send(stream);
  });

  return app;
}

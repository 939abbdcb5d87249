import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import fastifySwagger from '@fastify/swagger';
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import Fastify, { type FastifyInstance, type RawServerDefault } from 'fastify';
import { jsonSchemaTransform, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { CaError } from '../errors.ts';
import { VERSION } from '../version.ts';
import { addAccess } from './access/hooks.ts';
import { addAccessRoutes } from './access/routes.ts';
import { addCaseRoutes } from './cases/routes.ts';
import type { ChangeStream } from './changes.ts';
import { addClipRoutes } from './clips/routes.ts';
import { type Door, guardOf } from './guard.ts';
import { addInboxRoutes } from './inbox/routes.ts';
import { addLogRoutes } from './log/routes.ts';
import type { PageParts } from './parts.ts';
import { Refusal } from './refusal.ts';
import { addReportRoutes } from './reports/routes.ts';
import { addSearchRoutes } from './search/routes.ts';
import { addSettingRoutes } from './settings/routes.ts';
import { addTodayRoutes } from './today/routes.ts';
import { toldOf } from './told.ts';

/** A fastify whose routes take their types from their zod schemas. */
export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Built from `ui/` by `npm run page`, which the set-up does. */
const PAGE = fileURLToPath(new URL('../../.cache/page/', import.meta.url));
/** The largest body (bytes) that any route takes. */
const BODY = 64 * 1024;
/** Slow clients (Slowloris): a request must have arrived within so many ms, its headers sooner. */
const REQUEST = 20_000;
const SLOW = { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 };
const HANDSHAKE = 10_000;

/** The web application, not yet listening. Each area of the page brings its routes. */
export async function createApp(parts: PageParts, changes: ChangeStream, door: Door): Promise<App> {
  const guarded = guardOf(door);
  const app = Fastify({
    ...listenerOf(door),
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY,
    requestTimeout: REQUEST,
    connectionTimeout: 60_000,
    routerOptions: { maxParamLength: 128 },
    // Addresses that no router reads, such as /%, pass all hooks by.
    frameworkErrors: async ({ statusCode = 400, message }, request, reply: FastifyReply) => {
      if (!(await guarded(request, reply)))
        await reply.code(statusCode).send({ error: 'bad-request', message });
    },
  }).withTypeProvider<ZodTypeProvider>() as App;
  app.setValidatorCompiler(validatorCompiler);
  // The schemas of answers are for the documentation and the tests: checking each answer would cost more than making it.
  app.setSerializerCompiler(() => JSON.stringify);

  app.addHook('onRequest', guarded);
  addErrors(app, parts);
  await addAccess(app, parts);
  await app.register(fastifySwagger, {
    openapi: { openapi: '3.1.0', info: { title: 'Contact Analyzer: the review page', version: VERSION } },
    transform: jsonSchemaTransform,
  });
  await app.register(fastifyStatic, {
    ...{ root: PAGE, index: false, cacheControl: false, wildcard: false },
    // Compressed once, when the page is built.
    preCompressed: true,
    globIgnore: ['**/*.gz'],
  });

  addAccessRoutes(app, parts);
  addTodayRoutes(app, parts, changes);
  addInboxRoutes(app, parts);
  addClipRoutes(app, parts);
  addSearchRoutes(app, parts);
  addCaseRoutes(app, parts);
  addReportRoutes(app, parts);
  addSettingRoutes(app, parts);
  addLogRoutes(app, parts);
  app.get('/api/openapi.json', { config: { needs: 'somebody' }, schema: { hide: true } }, () =>
    app.swagger(),
  );
  return app;
}

/** Fastify's types know of one kind of server at a time; for the routes there is no difference. */
function listenerOf({ tls }: Door): object {
  if (tls === null) return { http: SLOW };
  return { https: { ...SLOW, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE } };
}

function addErrors(app: App, { log }: PageParts): void {
  app.setNotFoundHandler((request, reply) => {
    // The page finds its own way: each of its addresses is the same file.
    const [path = ''] = request.url.split('?');
    if (request.method === 'GET' && !/^\/api\/|\.\w+$/.test(path)) return reply.sendFile('index.html');
    return reply.code(404).send({ error: 'not-found', message: 'There is nothing at this address.' });
  });
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    if (error instanceof Refusal) {
      if (error.retryAfter !== null) reply.header('retry-after', error.retryAfter);
      return reply.code(error.statusCode).send({ error: error.code, message: error.message });
    }
    if (error instanceof CaError) {
      const status = STATUS[error.code] ?? 500;
      const { whole, answer } = toldOf(error, request);
      const at = { err: error, route: request.routeOptions.url };
      if (status >= 500) log.error(at, 'the page could not answer');
      else if (!whole) log.info(at, 'the page refused');
      return reply.code(status).send(answer);
    }
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: 'bad-request', message: error.message });
    log.error({ err: error, route: request.routeOptions.url }, 'the page could not answer');
    if (error.code?.startsWith('SQLITE_'))
      return reply
        .code(503)
        .send({ error: 'store', message: 'The store refuses to write: check the disk of the device.' });
    return reply.code(500).send({ error: 'internal', message: 'The log of the service says what happened.' });
  });
}

/** What an error means to who asks by HTTP; any other is the service's own fault. */
const STATUS: Partial<Record<CaError['code'], number>> = {
  CA_CONTACT_UNKNOWN: 404,
  CA_CONTACT_OPEN: 409,
  CA_CLIP_NOT_FOUND: 404,
  CA_CONTACT_HELD: 409,
  CA_CASE_FULL: 409,
  CA_CONFIG_CHANGED: 409,
  CA_CONFIG_UNWRITABLE: 409,
  CA_CONFIG_INVALID: 409,
  CA_CONFIG_UNREADABLE: 503,
  CA_COMMAND_INVALID: 400,
  CA_STORE_UNUSABLE: 503,
};

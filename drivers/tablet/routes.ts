import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../device/clock.ts';
import type { Logger } from '../../device/log.ts';
import { sameCode, WrongCodes } from './codes.ts';
import { documentOf, type PageDocument, type TabletTexts } from './document.ts';
import { guard } from './guard.ts';
import type { Outcome, TabletInput, TabletPress } from './tablet-input.ts';

/** Bytes of a press, at most. */
const BODY = 1_024;
/** Connections at once: a tablet has one or two. */
const CONNECTIONS = 100;

const duration = { type: 'number', minimum: 0 };
const press = {
  type: 'object',
  required: ['id', 'button', 'ago', 'session', 'stamp', 'elapsed'],
  properties: {
    id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' },
    button: { type: 'string', maxLength: 16 },
    ago: duration,
    session: { type: 'string' },
    stamp: duration,
    elapsed: duration,
  },
};

/** What the page is answered. It sends a press again after any status but 200 and 400. */
const STATUS: Record<Outcome, number> = {
  counted: 200,
  repeated: 200,
  late: 200,
  'too-fast': 429,
  'unknown-button': 400,
  closed: 503,
};

type Place = { Params: { desk: string; code: string } };

/** The web application of the tablets, not yet listening. */
export function createApp(
  inputs: readonly TabletInput[],
  clock: Clock,
  log: Logger,
  texts: TabletTexts = {},
): FastifyInstance {
  const app = Fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY,
    requestTimeout: 10_000,
    routerOptions: { ignoreTrailingSlash: true },
  });
  app.server.maxConnections = CONNECTIONS;
  // What a form of another site can send without asking.
  app.removeContentTypeParser('text/plain');

  app.addHook('onRequest', guard);
  app.setNotFoundHandler((_request, reply) => nothing(reply));
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: 'bad-request', message: error.message });
    // The pattern, not the address: that has the code in it.
    log.error({ err: error, route: request.routeOptions.url }, 'the page for tablets could not answer');
    return reply.code(500).send({ error: 'internal', message: 'The log of the service says what happened.' });
  });

  const wrong = new WrongCodes(clock);
  /** The input that the address names; null: the request has been answered. */
  function named(request: FastifyRequest<Place>, reply: FastifyReply): TabletInput | null {
    const { desk, code } = request.params;
    if (wrong.refused(request.ip)) {
      reply.code(429).header('retry-after', '60');
      reply.send({ error: 'wrong-codes', message: 'Too many wrong addresses: wait a minute.' });
      return null;
    }
    // All are compared, so that the time it takes does not tell which desks there are.
    const found = inputs.filter((input) => sameCode(input.code, code) && input.desk === desk)[0];
    if (found) return found;
    wrong.add(request.ip);
    nothing(reply);
    return null;
  }

  const documents = new Map<TabletInput, PageDocument>(
    inputs.map((input) => [input, documentOf(input.faces, texts)]),
  );
  /** Monotonic time counts from the boot: a stamp from before it means nothing. */
  const session = randomUUID();

  app.get<Place>('/:desk/:code', (request, reply) => {
    const input = named(request, reply);
    const document = input && documents.get(input);
    if (!document) return reply;
    input.seen();
    reply.header('content-security-policy', document.policy).type('text/html; charset=utf-8');
    return reply.send(document.html);
  });

  app.get<Place>('/:desk/:code/state', (request, reply) => {
    const input = named(request, reply);
    if (!input) return reply;
    input.seen();
    return { version: documents.get(input)?.version, session, stamp: clock.now().mono };
  });

  app.post<Place & { Body: TabletPress & { session: string } }>(
    '/:desk/:code/presses',
    { schema: { body: press } },
    (request, reply) => {
      const input = named(request, reply);
      if (!input) return reply;
      if (request.body.session !== session) return reply.code(409).send({ result: 'ask-again' });
      const result = input.press(request.body);
      return reply.code(STATUS[result]).send({ result });
    },
  );

  return app;
}

function nothing(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'not-found', message: 'There is nothing at this address.' });
}

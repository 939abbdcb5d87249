import type { FastifyRequest } from 'fastify';
import type { OwnRow } from '../../store/page/own.ts';
import { iso } from '../../store/rows.ts';
import type { Store } from '../../store/store.ts';
import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { sendClip } from '../clips/send.ts';
import type { PageParts } from '../parts.ts';
import { Refusal, unknownContact } from '../refusal.ts';
import { cursorOf, numberIn, partsOf } from './cursor.ts';
import { answerBody, idParams, type Own, type OwnContact, type OwnItem, ownQuery } from './schema.ts';

/**
 * A receptionist's own contacts, and the answers to their reviews. Without anything that a model said: staff are not
 * judged by one (EU AI Act Art. 5(1)(f)).
 */
export function addOwnRoutes(app: App, parts: PageParts): void {
  const { store, clock } = parts;
  const config = { needs: 'own:read' } as const;
  const params = idParams;

  app.get('/api/own', { config, schema: { querystring: ownQuery } }, (request): Own => {
    const { after, limit } = request.query;
    const [wall, id = ''] = after === undefined ? [] : partsOf(after, 2);
    const place = after === undefined ? null : { wall: numberIn(wall), id };
    const found = store.reviews.own.list(pseudonym(request), place, limit);
    const last = found.at(-1);
    return {
      items: found.map(itemOf),
      next: last && found.length === limit ? cursorOf(last.startedWall, last.id) : null,
    };
  });

  app.get('/api/own/:id', { config, schema: { params } }, (request) => {
    const own = ownOf(store, request, request.params.id);
    request.note('own.view', { contactId: own.id });
    return contactOf(store, own);
  });

  app.route({
    ...{ method: ['GET', 'HEAD'], url: '/api/own/:id/clip', config, schema: { params } },
    handler: (request, reply) => {
      const own = ownOf(store, request, request.params.id);
      if (!own.clip) throw new Refusal(404, 'no-clip', 'This contact has no clip that you may see.');
      return sendClip(request, reply, own.id, parts);
    },
  });

  app.post('/api/own/:id/answer', { config, schema: { params, body: answerBody } }, (request) => {
    const own = ownOf(store, request, request.params.id);
    const { wall } = clock.now();
    if (!own.reviewed) throw new Refusal(409, 'not-reviewed', 'Nobody has reviewed this contact yet.');
    const until = store.reviews.own.answerOpen(own.id);
    if (until !== null && wall >= until)
      throw new Refusal(409, 'answer-final', 'An answer can be changed for seven days.');
    store.reviews.own.answer(own.id, request.body.text, pseudonym(request), wall);
    request.note('own.answer', { contactId: own.id });
    return contactOf(store, ownOf(store, request, own.id));
  });
}

/** Whose contacts are asked for. @throws Refusal */
function pseudonym(request: FastifyRequest): string {
  const { receptionist } = whoOf(request);
  if (receptionist !== null) return receptionist;
  throw new Refusal(
    403,
    'no-pseudonym',
    'Nobody has said who this account is at the desk: ask who manages the accounts.',
  );
}

/** @throws Refusal: somebody else's is as unknown as none */
function ownOf({ reviews }: Store, request: FastifyRequest, id: string): OwnRow {
  const own = reviews.own.byId(pseudonym(request), id);
  if (!own) throw unknownContact();
  return own;
}

function itemOf({ startedWall: _, ...item }: OwnRow): OwnItem {
  return item;
}

function contactOf({ reviews, contacts, reports }: Store, own: OwnRow): OwnContact {
  const review = reviews.of(own.id);
  const causes = reports.reviews.causeNames();
  return {
    ...itemOf(own),
    presses: reviews.queue.stay(own.id).presses,
    preRoll: contacts.byId(own.id)?.clip?.preRoll ?? 0,
    review: review && {
      ...{ comment: review.comment, at: review.at },
      causes: review.causes.map((id) => ({ id, names: causes.get(id)?.names ?? {} })),
    },
    answer: review?.answer
      ? {
          ...{ text: review.answer.text, at: review.answer.at },
          until: iso(reviews.own.answerOpen(own.id) ?? 0),
        }
      : null,
  };
}

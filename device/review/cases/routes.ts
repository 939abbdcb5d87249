import { dayAt, dayNumber, startOfDay, yearBefore } from '../../store/page/days.ts';
import { noted } from '../access/one-commit.ts';
import type { Who } from '../access/who.ts';
import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { needsReason } from '../clips/watching.ts';
import type { PageParts } from '../parts.ts';
import { Refusal, unknownContact } from '../refusal.ts';
import { itemOf } from '../search/item.ts';
import { sendExport } from './export.ts';
import {
  type CaseList,
  type CasePage,
  caseAndContact,
  caseChange,
  caseId,
  casesQuery,
  type ErasureReceipt,
  eraseBody,
  exportQuery,
  type HoldList,
  holdEnd,
  moreContacts,
  newCase,
  newHold,
} from './schema.ts';

const unknownCase = () => new Refusal(404, 'unknown-case', 'No case has this id.');

/** Cases, their export, holds, and erasure. */
export function addCaseRoutes(app: App, parts: PageParts): void {
  addCases(app, parts);
  addHolds(app, parts);
  addErasure(app, parts);
}

function addCases(app: App, parts: PageParts): void {
  const { store, clock } = parts;
  const { cases } = store;
  const now = () => clock.now().wall;
  const read = { needs: 'cases:read' } as const;
  const write = { needs: 'cases:write' } as const;

  /** @throws Refusal */
  const pageOf = (id: string, who: Who): CasePage => {
    const found = cases.byId(id);
    if (!found) throw unknownCase();
    const contacts = cases.entries(id).flatMap(({ contactId, ...entry }) => {
      const contact = store.search.one(contactId);
      if (!contact) return [];
      const item = itemOf(store, contact, who);
      const reason = contact.clip && needsReason(store, contact, who.accountId, now());
      return [{ ...entry, contact: item, held: cases.holdOf(contactId), needsReason: reason }];
    });
    return { case: found, contacts };
  };

  app.get('/api/cases', { config: read, schema: { querystring: casesQuery } }, (request): CaseList => {
    const { open, contact, after = null, limit } = request.query;
    if (contact !== undefined) return { cases: cases.of(contact), next: null };
    const found = cases.list({ open: open === 'true', after, limit: limit + 1 });
    return {
      cases: found.slice(0, limit),
      next: found.length > limit ? (found[limit - 1]?.id ?? null) : null,
    };
  });

  app.post('/api/cases', { config: write, schema: { body: newCase } }, (request) => {
    const { contactIds, ...about } = request.body;
    const who = whoOf(request);
    const id = cases.begin(about, contactIds ?? [], who.name, now());
    request.note('case.open', { case: id });
    return pageOf(id, who);
  });

  app.get('/api/cases/:id', { config: read, schema: { params: caseId } }, (request) =>
    pageOf(request.params.id, whoOf(request)),
  );

  app.patch('/api/cases/:id', { config: write, schema: { params: caseId, body: caseChange } }, (request) => {
    const { id } = request.params;
    const who = whoOf(request);
    if (!cases.byId(id)) throw unknownCase();
    cases.change(id, request.body, who.name, now());
    request.note('case.change', { case: id });
    return pageOf(id, who);
  });

  app.post(
    '/api/cases/:id/contacts',
    { config: write, schema: { params: caseId, body: moreContacts } },
    (request) => {
      const { id } = request.params;
      const who = whoOf(request);
      if (!cases.byId(id)) throw unknownCase();
      cases.add(id, request.body.contactIds, who.name, now());
      request.note('case.add', { case: id, contacts: request.body.contactIds.length });
      return pageOf(id, who);
    },
  );

  app.delete(
    '/api/cases/:id/contacts/:contactId',
    { config: write, schema: { params: caseAndContact } },
    (request) => {
      const { id, contactId } = request.params;
      if (!cases.byId(id)) throw unknownCase();
      cases.remove(id, contactId);
      request.note('case.remove', { case: id, contactId });
      return pageOf(id, whoOf(request));
    },
  );

  app.get(
    '/api/cases/:id/export',
    { config: write, schema: { params: caseId, querystring: exportQuery } },
    (request, reply) => {
      const found = cases.byId(request.params.id);
      if (!found) throw unknownCase();
      return sendExport(request, reply, found, request.query, parts);
    },
  );
}

function addHolds(app: App, { store, clock }: PageParts): void {
  const { holds } = store.cases;

  app.post('/api/holds', { config: { needs: 'cases:write' }, schema: { body: newHold } }, (request) => {
    const { contactIds, reason, until } = request.body;
    const day = dayNumber(until);
    if (day === null) throw new Refusal(400, 'no-such-day', `There is no day ${until}.`);
    // To the end of its last day.
    const wall = startOfDay(day + 1);
    const now = clock.now().wall;
    if (wall <= now) throw new Refusal(400, 'day-is-over', 'A hold has to end in the future.');
    // Else one account could keep the whole vault for good, and no clip would have room any more.
    if (yearBefore(yearBefore(day)) > dayAt(now))
      throw new Refusal(400, 'hold-too-long', 'A hold is of two years at most: set it anew before it ends.');
    holds.set(contactIds, { reason, until: { day: until, wall } }, whoOf(request).name);
    for (const contactId of contactIds) request.note('hold.set', { contactId, until });
    return { held: contactIds.length, until };
  });

  app.get(
    '/api/contacts/:id/holds',
    { config: { needs: 'cases:read' }, schema: { params: caseId } },
    (request): HoldList => {
      if (!store.contacts.has(request.params.id)) throw unknownContact();
      return { holds: holds.history(request.params.id) };
    },
  );

  app.post(
    '/api/contacts/:id/holds/end',
    { config: { needs: 'cases:write' }, schema: { params: caseId, body: holdEnd } },
    (request): HoldList => {
      const { id } = request.params;
      if (!store.contacts.has(id)) throw unknownContact();
      if (!holds.end(id, request.body.note, whoOf(request).name))
        throw new Refusal(409, 'not-held', 'No hold keeps this contact.');
      request.note('hold.end', { contactId: id });
      return { holds: holds.history(id) };
    },
  );
}

function addErasure(app: App, { erase }: PageParts): void {
  app.delete(
    '/api/contacts/:id',
    { config: { needs: 'contacts:erase', commits: 'itself' }, schema: { params: caseId, body: eraseBody } },
    async (request): Promise<ErasureReceipt> => {
      const { id } = request.params;
      if (request.body.confirm !== id)
        throw new Refusal(400, 'not-confirmed', 'Send the id of the contact once more as `confirm`.');
      // The receipt keeps the id; the log says who did it, and no more.
      const receipt = await noted(request, 'contact.erase', {}, () => erase(id));
      return { contactId: receipt.contactId, erasedAt: receipt.erasedAt };
    },
  );
}

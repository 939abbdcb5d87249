import type { Cause } from '../../store/page/causes.ts';
import type { Store } from '../../store/store.ts';
import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { type CauseGroup, type Causes, causeBody, idParams, mergeBody, newCauseBody } from './schema.ts';

/** More than that nobody chooses from. */
const MOST = 300;

/** The taxonomy of causes: read by who reviews, changed by who may; each change is a version of it. */
export function addCauseRoutes(app: App, { store, clock }: PageParts): void {
  const { causes } = store.reviews;
  const needs = 'causes:write';

  app.get('/api/causes', { config: { needs: 'contacts:read' } }, () => taxonomy(store));

  app.post('/api/causes', { config: { needs }, schema: { body: newCauseBody } }, (request) => {
    const { group, name, language } = request.body;
    if (causes.all().length >= MOST)
      throw new Refusal(409, 'too-many', `There are ${MOST} causes already: change one of them.`);
    const id = causes.add(
      group,
      { [language]: name },
      { account: whoOf(request).name, wall: clock.now().wall },
    );
    request.note('cause.add', { cause: id });
    return taxonomy(store);
  });

  app.patch(
    '/api/causes/:id',
    { config: { needs }, schema: { params: idParams, body: causeBody } },
    (request) => {
      const { id } = request.params;
      const { name, language, group, retired } = request.body;
      unmerged(causes.all(), id);
      const names = name !== undefined && language !== undefined ? { [language]: name } : {};
      causes.change(id, { group, names, retired }, { account: whoOf(request).name, wall: clock.now().wall });
      request.note('cause.change', { cause: id });
      return taxonomy(store);
    },
  );

  app.post(
    '/api/causes/:id/merge',
    { config: { needs }, schema: { params: idParams, body: mergeBody } },
    (request) => {
      const { id } = request.params;
      const { into } = request.body;
      if (id === into) throw new Refusal(409, 'same-cause', 'A cause cannot be merged into itself.');
      const all = causes.all();
      unmerged(all, id);
      unmerged(all, into);
      causes.merge(id, into, { account: whoOf(request).name, wall: clock.now().wall });
      request.note('cause.merge', { cause: id, into });
      return taxonomy(store);
    },
  );
}

function taxonomy({ reviews: { causes } }: Store): Causes {
  const known = causes.used().map((cause) => ({ ...cause, group: cause.group as CauseGroup }));
  return { version: causes.version, causes: known };
}

/** What was merged is past: it can be changed no more. @throws Refusal */
function unmerged(all: readonly Cause[], id: string): void {
  const cause = all.find((known) => known.id === id);
  if (!cause) throw new Refusal(404, 'unknown-cause', 'There is no such cause.');
  if (cause.mergedInto !== null)
    throw new Refusal(409, 'merged', 'This cause was merged into another one: change that one.');
}

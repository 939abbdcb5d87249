import type { Measure } from '../../store/page/measures.ts';
import type { Store } from '../../store/store.ts';
import { type Who, whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal, unknownContact } from '../refusal.ts';
import { isBlind } from './blind.ts';
import { idParams, type Measures, measureBody, measuresQuery, newMeasureBody } from './schema.ts';

/** What is done about causes. Whether it helped, the reports tell. */
export function addMeasureRoutes(app: App, { store, clock }: PageParts): void {
  const { measures, causes } = store.reviews;

  app.get(
    '/api/measures',
    { config: { needs: 'reports:read' }, schema: { querystring: measuresQuery } },
    (request): Measures => ({
      measures: measures.all(request.query.open).map((measure) => shownTo(store, measure, whoOf(request))),
    }),
  );

  app.post(
    '/api/measures',
    { config: { needs: 'reports:write' }, schema: { body: newMeasureBody } },
    (request) => {
      const { contactId } = request.body;
      if (contactId !== null && !store.contacts.has(contactId)) throw unknownContact();
      const known = causes.effective();
      const named = request.body.causes.map((id) => {
        const cause = known.get(id);
        if (!cause) throw new Refusal(400, 'unknown-cause', 'There is no such cause: load the causes again.');
        return cause.id;
      });
      const measure = measures.add({
        ...request.body,
        ...{ causes: [...new Set(named)], wall: clock.now().wall, account: whoOf(request).name },
      });
      request.note('measure.add', { measure: measure.id });
      return measure;
    },
  );

  app.patch(
    '/api/measures/:id',
    { config: { needs: 'reports:write' }, schema: { params: idParams, body: measureBody } },
    (request) => {
      const { id } = request.params;
      if (!measures.byId(id)) throw new Refusal(404, 'unknown-measure', 'There is no such measure.');
      request.note('measure.change', { measure: id });
      return shownTo(store, measures.change(id, request.body), whoOf(request));
    },
  );
}

/** Which causes somebody named of a contact would tell who has to find them out: then neither these nor which one it is. */
function shownTo(store: Store, measure: Measure, who: Who): Measure {
  const { contactId } = measure;
  if (contactId === null || !isBlind(store, contactId, who)) return measure;
  return { ...measure, contactId: null, causes: [] };
}

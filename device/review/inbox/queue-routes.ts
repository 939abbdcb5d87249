import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { contactPage } from './contact-page.ts';
import { inboxOf } from './inbox-list.ts';
import { idParams, inboxQuery } from './schema.ts';

/** What waits to be reviewed, and a contact with all that is known of it. */
export function addQueueRoutes(app: App, { store, clock }: PageParts): void {
  app.get(
    '/api/inbox',
    { config: { needs: 'contacts:read' }, schema: { querystring: inboxQuery } },
    (request) => inboxOf(store, request.query, whoOf(request), clock.now().wall),
  );

  app.get(
    '/api/contacts/:id',
    { config: { needs: 'contacts:read' }, schema: { params: idParams } },
    (request) => {
      const page = contactPage(store, request.params.id, whoOf(request), clock.now().wall);
      request.note('contact.view', { contactId: page.contact.id });
      return page;
    },
  );
}

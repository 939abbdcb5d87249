import type { Tag } from '../../contacts/model.ts';
import type { Store } from '../../store/store.ts';
import { type Who, whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal, unknownContact } from '../refusal.ts';
import { isBlind } from './blind.ts';
import { reviewOf } from './contact-page.ts';
import { idParams, reviewBody } from './schema.ts';

/** Reviews: tag, causes and a comment, by people. */
export function addReviewRoutes(app: App, { store, clock }: PageParts): void {
  app.put(
    '/api/contacts/:id/review',
    { config: { needs: 'reviews:write' }, schema: { params: idParams, body: reviewBody } },
    (request) => {
      const { id } = request.params;
      const { tag, comment, revision } = request.body;
      checkTag(store, id, tag, whoOf(request));
      const before = store.reviews.of(id);
      const causes = offered(store, request.body.causes, before?.causes ?? []);
      const { accountId, name } = whoOf(request);
      const by = { accountId, account: name, wall: clock.now().wall };
      const review = store.reviews.put(id, { tag, causes, comment }, revision, by);
      if (!review)
        throw new Refusal(
          409,
          'changed-meanwhile',
          'Somebody else has reviewed this contact: look at it again.',
        );
      request.note('contact.review', { contactId: id, revision: review.revision });
      if (tag !== (before?.tag ?? null))
        request.note('contact.tag', { contactId: id, tag: tag ?? 'as pressed' });
      return reviewOf(store, id);
    },
  );

  app.delete(
    '/api/contacts/:id/review/done',
    { config: { needs: 'reviews:write' }, schema: { params: idParams } },
    (request): undefined => {
      const { id } = request.params;
      if (!store.contacts.has(id)) throw unknownContact();
      if (store.reviews.undo(id, whoOf(request).accountId)) request.note('contact.undo', { contactId: id });
    },
  );
}

/**
 * Of a sample nobody was shown what was pressed, and of a hint that is the question: whoever says nothing of their own
 * would be counted as if they agreed. @throws Refusal tag-needed
 */
function checkTag(store: Store, id: string, tag: Tag | null, who: Who): void {
  const of = store.reviews.classOf(id);
  if (tag === null && (of === 'sample' || of === 'hint' || isBlind(store, id, who)))
    throw new Refusal(400, 'tag-needed', 'Choose a tag: this contact asks for an opinion of your own.');
}

/** The causes as they count now. One that is retired may stay where it was named before. @throws Refusal */
function offered({ reviews }: Store, causes: readonly string[], before: readonly string[]): string[] {
  const known = reviews.causes.effective();
  return causes.map((id) => {
    const cause = known.get(id);
    if (!cause) throw new Refusal(400, 'unknown-cause', 'There is no such cause: load the causes again.');
    if (cause.retired && !before.includes(cause.id))
      throw new Refusal(400, 'retired-cause', 'This cause is no longer used: choose another one.');
    return cause.id;
  });
}

import { whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { cursorOf, numberIn, partsOf } from '../inbox/cursor.ts';
import type { PageParts } from '../parts.ts';
import { itemOf } from './item.ts';
import { endOf, startOf } from './moment.ts';
import { type SearchAnswer, type SearchChoices, type SearchQuery, searchQuery } from './schema.ts';

/** Finds contacts. */
export function addSearchRoutes(app: App, { store, desks }: PageParts): void {
  app.get(
    '/api/search',
    { config: { needs: 'contacts:read' }, schema: { querystring: searchQuery } },
    (request): SearchAnswer => {
      const { after, limit } = request.query;
      const [wall, id] = after === undefined ? [] : partsOf(after, 2);
      const place = id === undefined ? null : { wall: numberIn(wall), id };
      // One more than is shown tells whether there are more.
      const found = store.search.find(filterOf(request.query), place, limit + 1);
      const last = found.length > limit ? found[limit - 1] : undefined;
      const who = whoOf(request);
      return {
        items: found.slice(0, limit).map((contact) => itemOf(store, contact, who)),
        next: last ? cursorOf(last.wall, last.id) : null,
      };
    },
  );

  app.get('/api/search/choices', { config: { needs: 'contacts:read' } }, (): SearchChoices => {
    const names = new Set([...store.deskStates(), ...desks()].map(({ desk }) => desk));
    return { desks: [...names].sort(), receptionists: store.search.receptionists() };
  });
}

function filterOf(query: SearchQuery) {
  const { from, to, min, max, pressed, reviewed } = query;
  return {
    from: from === undefined ? null : startOf(from),
    to: to === undefined ? null : endOf(to),
    desk: query.desk ?? null,
    receptionist: query.receptionist ?? null,
    tag: query.tag ?? null,
    cause: query.cause ?? null,
    minDuration: min === undefined ? null : min * 1000,
    maxDuration: max === undefined ? null : max * 1000,
    pressed: pressed === undefined ? null : pressed === 'yes',
    reviewed: reviewed === undefined ? null : reviewed === 'yes',
    text: query.text?.trim() ? query.text : null,
  };
}

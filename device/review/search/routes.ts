import type { Found, SearchFilter } from '../../store/page/search.ts';
import type { Store } from '../../store/store.ts';
import { type Who, whoOf } from '../access/who.ts';
import type { App } from '../app.ts';
import { isBlind } from '../inbox/blind.ts';
import { cursorOf, numberIn, partsOf } from '../inbox/cursor.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
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
      const who = whoOf(request);
      if (request.query.receptionist !== undefined && !who.permissions.has('staff:read'))
        throw new Refusal(403, 'not-allowed', 'This account may not search by receptionist.');
      // One more than is shown tells whether there are more.
      const found = findFor(store, filterOf(request.query), who, place, limit + 1);
      const last = found.length > limit ? found[limit - 1] : undefined;
      return {
        items: found.slice(0, limit).map((contact) => itemOf(store, contact, who)),
        next: last ? cursorOf(last.wall, last.id) : null,
      };
    },
  );

  app.get('/api/search/choices', { config: { needs: 'contacts:read' } }, (request): SearchChoices => {
    const names = new Set([...store.deskStates(), ...desks()].map(({ desk }) => desk));
    const receptionists = whoOf(request).permissions.has('staff:read') ? store.search.receptionists() : [];
    return { desks: [...names].sort(), receptionists };
  });
}

/** As `Search.find`. Where it is searched by what was pressed or said, without those of which the asker is not to know it. */
function findFor(
  store: Store,
  filter: SearchFilter,
  who: Who,
  from: { wall: number; id: string } | null,
  limit: number,
): Found[] {
  const { tag, pressed, cause, text } = filter;
  if ([tag, pressed, cause, text].every((asked) => asked === null))
    return store.search.find(filter, from, limit);
  // Not in SQL: chance passes over what models suspect, and no statement may read that beside a receptionist's name.
  const found: Found[] = [];
  for (let place = from; ; ) {
    const wanted = limit - found.length;
    const some = store.search.find(filter, place, wanted);
    found.push(...some.filter(({ id }) => !isBlind(store, id, who)));
    const last = some.at(-1);
    if (some.length < wanted || found.length === limit || !last) return found;
    place = { wall: last.wall, id: last.id };
  }
}

function filterOf(query: SearchQuery): SearchFilter {
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

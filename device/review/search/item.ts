import type { Found } from '../../store/page/search.ts';
import type { Store } from '../../store/store.ts';
import type { Who } from '../access/who.ts';
import { isBlind } from '../inbox/blind.ts';
import type { SearchItem } from './schema.ts';

/** A contact as it is listed to who asks. */
export function itemOf(store: Store, found: Found, who: Who): SearchItem {
  const listed = { ...found, receptionist: who.permissions.has('staff:read') ? found.receptionist : null };
  if (!isBlind(store, found.id, who)) return { ...listed, blind: false };
  return { ...listed, blind: true, tag: null, tagSource: null, rating: null, comment: null };
}

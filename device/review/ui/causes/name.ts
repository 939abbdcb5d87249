import type { Cause } from '../../inbox/schema.ts';
import { type Language, language } from '../words.ts';

type Named = Pick<Cause, 'id' | 'names'>;

/** What a cause is called in that language, the page's without one; else in English, else in whatever it has. */
export function causeName({ id, names }: Named, to: Language = language()): string {
  return names[to] ?? names.en ?? Object.values(names)[0] ?? id;
}

/** The same by id; a cause that is not among `causes`, which may not be there yet, is called by its id. */
export function causeNames(causes: readonly Named[] = []): (id: string) => string {
  return (id) => causeName(causes.find((cause) => cause.id === id) ?? { id, names: {} });
}

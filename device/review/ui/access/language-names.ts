import type { Language } from '../words.ts';

/** Each in itself: whoever looks for theirs may read no other. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  ru: 'Русский',
  pl: 'Polski',
  lt: 'Lietuvių',
};

/** Beginnings of words by which people tell a time, in all our languages, without their accents: somebody may type any of them. */

/** Monday first. What is as long as this is the whole word: an abbreviation. */
export const WEEKDAYS: readonly (readonly string[])[] = [
  ['monday', 'mon', 'понедельник', 'пн', 'poniedzial', 'pon', 'pirmadien'],
  ['tuesday', 'tue', 'tues', 'вторник', 'вт', 'wtor', 'wt', 'antradien'],
  ['wednesday', 'wed', 'сред', 'ср', 'srod', 'sr', 'treciadien'],
  ['thursday', 'thu', 'thur', 'thurs', 'четверг', 'чт', 'czwart', 'czw', 'ketvirtadien'],
  ['friday', 'fri', 'пятниц', 'пт', 'piat', 'pt', 'penktadien'],
  ['saturday', 'sat', 'суббот', 'сб', 'sobot', 'sob', 'sestadien'],
  ['sunday', 'sun', 'воскресень', 'вс', 'niedziel', 'nd', 'niedz', 'sekmadien'],
];

/** How many days ago. */
export const DAYS_AGO: readonly (readonly string[])[] = [
  ['today', 'сегодня', 'dzisiaj', 'dzis', 'siandien'],
  ['yesterday', 'вчера', 'wczoraj', 'vakar'],
  ['позавчера', 'przedwczoraj', 'uzvakar'],
];

/** The one before today, also where today is such a day. */
export const LAST = ['last', 'прошл', 'zeszl', 'ubiegl', 'praejus'];

export const MONTHS: readonly (readonly string[])[] = [
  ['jan', 'янв', 'stycz', 'sty', 'saus'],
  ['feb', 'фев', 'lut', 'vasar'],
  ['mar', 'мар', 'kov'],
  ['apr', 'апр', 'kwie', 'kwi', 'baland'],
  ['may', 'май', 'мая', 'maj', 'maja', 'geguz'],
  ['jun', 'июн', 'czerw', 'cze', 'birzel'],
  ['jul', 'июл', 'lip', 'liep'],
  ['aug', 'авг', 'sierp', 'sie', 'rugpj'],
  ['sep', 'сен', 'wrze', 'wrz', 'rugsej'],
  ['oct', 'окт', 'pazdz', 'paz', 'spal'],
  ['nov', 'ноя', 'listop', 'lis', 'lapkr'],
  ['dec', 'дек', 'grud', 'gru'],
];

/** A number after one of these is a time. */
export const BEFORE_HOUR = [
  ...['at', 'about', 'around', 'в', 'около', 'к', 'o', 'ok', 'okolo', 'godz', 'godzinie', 'apie', 'val'],
];
/** And before one of these. */
export const AFTER_HOUR = ['час', 'ч', 'h', 'oclock', 'val', 'valand'];

export const DESK = ['desk', 'стойк', 'stanowisk', 'biurk', 'viet', 'stal', 'okienk'];

import { Refusal } from '../refusal.ts';

/** Where a page of a list ended, as the text that `after` takes. */
export const cursorOf = (...parts: readonly (string | number)[]): string => parts.join('~');

/** The parts of a cursor, of which there must be so many. @throws Refusal when it is none of ours */
export function partsOf(cursor: string, count: number): string[] {
  const parts = cursor.split('~');
  if (parts.length !== count) throw badCursor();
  return parts;
}

/** @throws Refusal */
export function numberIn(part: string | undefined): number {
  const value = Number(part);
  if (part === undefined || part === '' || !Number.isFinite(value)) throw badCursor();
  return value;
}

export const badCursor = () =>
  new Refusal(400, 'bad-cursor', 'Take `after` from `next` of the answer before.');

/** What one presence sensor says; null: it cannot be heard. */
export type Level = boolean | null;

/** How several sensors of one desk become one: any, all, or more than half of those that can be heard say that somebody is there. */
export type SourceRule = 'any' | 'all' | 'majority';

/** One desk, several sensors. A deaf sensor counts as unknown, not as absent; the desk is deaf (null) when all of them are. */
export function combinedLevel(levels: Iterable<Level>, rule: SourceRule): Level {
  let heard = 0;
  let present = 0;
  for (const level of levels) {
    if (level === null) continue;
    heard++;
    if (level) present++;
  }
  if (heard === 0) return null;
  if (rule === 'any') return present > 0;
  return rule === 'all' ? present === heard : present * 2 > heard;
}
